//! Capabilities: values that prove that a request has the session of a moderator or an owner.

use serde::de::DeserializeOwned;

use crate::{
    app::{App, Error, ErrorKind, secret::Purpose},
    model::{
        account::{Account, Role},
        site::Site,
    },
    service::{accounts::session, audit::Actor, sites::context::SiteContext, threads::read},
    view::admin::AdminFrame,
    web::http::{cookie::Cookie, form, request::Incoming},
};

/// The session of an account that can moderate. Made by [`ModeratorSession::of`] alone.
#[derive(Debug)]
pub struct ModeratorSession {
    account: Account,
    token: String,
}

/// The session of an owner. Made by [`ModeratorSession::owner`] alone.
#[derive(Debug)]
pub struct OwnerSession<'a>(&'a ModeratorSession);

impl ModeratorSession {
    /// The session of a request; `None` if it has none or if it has expired.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn of(app: &App, request: &Incoming) -> Result<Option<Self>, Error> {
        let Some(token) = Cookie::Session.read(app, request) else {
            return Ok(None);
        };
        Ok(session::find(app, &token)
            .await?
            .map(|account| Self { account, token }))
    }

    /// The session as that of an owner.
    ///
    /// # Errors
    ///
    /// `not_found` for an account that is not an owner.
    pub fn owner(&self) -> Result<OwnerSession<'_>, Error> {
        if self.account.role_on(None) == Role::Owner {
            Ok(OwnerSession(self))
        } else {
            Err(Error::with_message(
                ErrorKind::NotFound,
                "Only owners can open this page.",
            ))
        }
    }

    /// The account that is signed in.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The account as the actor in the log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::from(&self.account)
    }

    /// The secret of the session.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Reads the fields of a form that was shown to this session.
    ///
    /// # Errors
    ///
    /// Those of [`form::read`].
    pub fn form<T: DeserializeOwned>(&self, app: &App, request: &Incoming) -> Result<T, Error> {
        form::read(app, request, Purpose::AdminForm, &self.token)
    }

    /// Checks a form without fields that was shown to this session.
    ///
    /// # Errors
    ///
    /// Those of [`form::check`].
    pub fn check_form(&self, app: &App, request: &Incoming) -> Result<(), Error> {
        form::check(app, request, Purpose::AdminForm, &self.token)
    }

    /// Reads the fields of a form about a site that was shown to this session, and finds the site.
    ///
    /// # Errors
    ///
    /// Those of [`form::read`], then `site_not_found`.
    pub async fn form_of_site<T: DeserializeOwned>(
        &self,
        app: &App,
        request: &Incoming,
        site: &str,
    ) -> Result<(T, Site), Error> {
        let form = self.form(app, request)?;
        Ok((form, read::site(app, site).await?))
    }

    /// The frame of an admin page of a site: its navigation, and the token for its forms.
    #[must_use]
    pub fn frame(&self, app: &App, context: &SiteContext, here: &'static str) -> AdminFrame {
        AdminFrame {
            site: Some(context.site.name.as_str().to_owned()),
            ..self.frame_without_site(app, &context.registered, here)
        }
    }

    /// The frame of an admin page that is about no site.
    #[must_use]
    pub fn frame_without_site(&self, app: &App, sites: &[Site], here: &'static str) -> AdminFrame {
        AdminFrame {
            base_url: app.base_url.clone(),
            account: self.account.name.clone(),
            is_owner: self.account.role_on(None) == Role::Owner,
            form_token: form::token(app, Purpose::AdminForm, &self.token),
            site: None,
            sites: sites.iter().map(|site| site.name.as_str().to_owned()).collect(),
            here,
        }
    }
}

impl std::ops::Deref for OwnerSession<'_> {
    type Target = ModeratorSession;

    fn deref(&self) -> &ModeratorSession {
        self.0
    }
}
