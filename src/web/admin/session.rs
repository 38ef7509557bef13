//! Capabilities: proof, as a value, that somebody is signed in and what they may do.

use crate::{
    app::{App, Error, ErrorKind, secret::Purpose},
    model::{
        account::{Account, Role},
        site::Site,
    },
    service::{accounts::session, audit::Actor, sites::context::SiteContext, threads::read},
    view::admin::AdminFrame,
    web::http::{
        cookie::Cookie,
        form::{self, Form},
        request::Incoming,
    },
};

/// Somebody is signed in and may moderate. Made by [`ModeratorSession::of`] alone.
#[derive(Debug)]
pub struct ModeratorSession {
    account: Account,
    token: String,
}

/// An owner is signed in and may do everything. Made by [`ModeratorSession::owner`] alone.
#[derive(Debug)]
pub struct OwnerSession<'a>(&'a ModeratorSession);

impl ModeratorSession {
    /// Whose session the request carries, if it lasts.
    pub async fn of(app: &App, request: &Incoming) -> Result<Option<Self>, Error> {
        let Some(token) = Cookie::Session.read(app, request) else {
            return Ok(None);
        };
        Ok(session::find(app, &token)
            .await?
            .map(|account| Self { account, token }))
    }

    /// The same as an owner. Errors: `not_found`, for whoever is none.
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

    /// Who it is.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The same, as the log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::from(&self.account)
    }

    /// The session's secret.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A form of this session. Errors: `form_not_ours`, `content_type_wrong`.
    pub fn form(&self, app: &App, request: &Incoming) -> Result<Form, Error> {
        Form::read(app, request, Purpose::AdminForm, &self.token)
    }

    /// A form of this session about a site, and the site. Errors: those of [`ModeratorSession::form`], `site_not_found`.
    pub async fn form_of_site(
        &self,
        app: &App,
        request: &Incoming,
        site: &str,
    ) -> Result<(Form, Site), Error> {
        let form = self.form(app, request)?;
        Ok((form, read::site(app, site).await?))
    }

    /// What stands around an admin page of a site: navigation, and the token for forms.
    #[must_use]
    pub fn frame(&self, app: &App, context: &SiteContext, here: &'static str) -> AdminFrame {
        AdminFrame {
            site: Some(context.site.name.as_str().to_owned()),
            ..self.frame_of_none(app, &context.registered, here)
        }
    }

    /// The same for a page that is about no site.
    #[must_use]
    pub fn frame_of_none(&self, app: &App, sites: &[Site], here: &'static str) -> AdminFrame {
        AdminFrame {
            base_url: app.base_url.clone(),
            user: self.account.name.clone(),
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
