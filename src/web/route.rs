//! The grammar of the server's addresses: what each path names, which methods that takes, which group counts it.
//!
//! A path is read once ([`Route::parse`]), by [`crate::web::server`]; what answers it matches the types here and looks at no
//! path again. `Allow`, the refusal of a method and the metrics' group follow from the route.

mod admin;
mod api;
mod methods;

pub use admin::{AdminRoute, AdminThreadForm};
pub use api::{API_ROUTES, ApiEndpoint, ApiRoute};
pub use methods::Methods;

use warp::http::Method;

/// A part of the server that is named by the first segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// `/api`
    Api,
    /// `/embed.js` and the files beside it.
    Assets,
    /// `/feeds`
    Feeds,
    /// `/thread`
    Pages,
    /// `/admin`
    Admin,
    /// `/healthz` and `/readyz`
    Health,
    /// `/metrics`
    Metrics,
    /// Everything else.
    Home,
}

/// What a path names, its names decoded; `None` in an area: nothing. Whether there is such a site, thread or comment is
/// the use cases' answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The API.
    Api(Option<ApiRoute>),
    /// A file by its path, without the first slash. All are taken to be files: [`crate::web::static_files`] has the list.
    Asset(String),
    /// A feed.
    Feed(Option<FeedRoute>),
    /// A site's thread page, or where its forms go.
    Page(Option<PageRoute>),
    /// The admin pages.
    Admin(Option<AdminRoute>),
    /// A look at the server's health.
    Health(Option<HealthRoute>),
    /// The metrics, and whatever is below them.
    Metrics,
    /// The files and the page at the root.
    Home(Option<HomeRoute>),
    /// A path whose escapes are not those of UTF-8.
    Malformed(Area),
}

/// `/feeds/{site}.atom`, `/feeds/{site}/{thread}.atom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRoute {
    /// The site's name.
    pub site: String,
    /// The thread's id as written; none: all of the site.
    pub thread: Option<String>,
}

/// `/thread/{site}` and `/thread/{site}/{form}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRoute {
    /// The site's name.
    pub site: String,
    /// The form that is sent; none: the page.
    pub form: Option<PageForm>,
}

/// A form of the thread page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageForm {
    /// `post`
    Post,
    /// `edit`
    Edit,
    /// `delete`
    Delete,
    /// `vote`
    Vote,
}

impl PageRoute {
    /// The methods that it takes.
    #[must_use]
    pub fn methods(&self) -> Methods {
        match self.form {
            None => Methods::READ,
            Some(_) => Methods::POST,
        }
    }
}

/// `/healthz`, `/healthz/doctor`, `/readyz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthRoute {
    /// The process answers.
    Alive,
    /// It can read and write.
    Ready,
    /// How a request looks from here.
    Doctor,
}

/// `/`, `/robots.txt`, the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeRoute {
    /// The front page.
    Front,
    /// `robots.txt`
    Robots,
    /// `favicon.svg`, `favicon.ico`
    Icon,
}

impl Route {
    /// Reads the path of a request, percent-encoded as it came and without its query.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let area = Area::of(path);
        let relative = path.trim_start_matches('/');
        if !relative.contains('%') {
            return Self::in_area(area, &relative.split('/').collect::<Vec<_>>());
        }
        // Each segment by itself: an escaped slash is part of a name.
        match relative.split('/').map(decode).collect::<Option<Vec<_>>>() {
            Some(segments) => Self::in_area(area, &segments.iter().map(String::as_str).collect::<Vec<_>>()),
            None => Self::Malformed(area),
        }
    }

    fn in_area(area: Area, segments: &[&str]) -> Self {
        match area {
            Area::Api => Self::Api(ApiRoute::parse(segments)),
            Area::Assets => Self::Asset(segments.join("/")),
            Area::Feeds => Self::Feed(feed(segments)),
            Area::Pages => Self::Page(page(segments)),
            Area::Admin => Self::Admin(AdminRoute::parse(segments)),
            Area::Health => Self::Health(match segments {
                ["healthz"] => Some(HealthRoute::Alive),
                ["healthz", "doctor"] => Some(HealthRoute::Doctor),
                ["readyz"] => Some(HealthRoute::Ready),
                _ => None,
            }),
            Area::Metrics => Self::Metrics,
            Area::Home => Self::Home(match segments {
                [""] => Some(HomeRoute::Front),
                ["robots.txt"] => Some(HomeRoute::Robots),
                ["favicon.svg" | "favicon.ico"] => Some(HomeRoute::Icon),
                _ => None,
            }),
        }
    }

    /// Which part of the server answers it.
    #[must_use]
    pub fn area(&self) -> Area {
        match self {
            Self::Api(_) => Area::Api,
            Self::Asset(_) => Area::Assets,
            Self::Feed(_) => Area::Feeds,
            Self::Page(_) => Area::Pages,
            Self::Admin(_) => Area::Admin,
            Self::Health(_) => Area::Health,
            Self::Metrics => Area::Metrics,
            Self::Home(_) => Area::Home,
            Self::Malformed(area) => *area,
        }
    }

    /// The methods that it takes; none: there is nothing at this address, whatever the method.
    #[must_use]
    pub fn methods(&self) -> Option<Methods> {
        match self {
            Self::Api(route) => route.as_ref().map(|route| route.endpoint.methods()),
            // Also where there is no such file.
            Self::Asset(_) | Self::Feed(_) | Self::Health(_) | Self::Metrics => Some(Methods::READ),
            Self::Page(route) => route.as_ref().map(PageRoute::methods),
            Self::Admin(route) => route.as_ref().map(AdminRoute::methods),
            Self::Home(route) => route.map(|_| Methods::READ),
            Self::Malformed(_) => None,
        }
    }

    /// The group of routes that a request is counted in: a word of ours, never one of the path's.
    #[must_use]
    pub fn group(&self, method: &Method) -> &'static str {
        match self.area() {
            Area::Api => {
                let endpoint = match self {
                    Self::Api(route) => route.as_ref().map(|route| &route.endpoint),
                    _ => None,
                };
                match (method, endpoint) {
                    (&Method::GET | &Method::HEAD, Some(ApiEndpoint::Thread)) => "thread",
                    (&Method::GET | &Method::HEAD, Some(ApiEndpoint::Live)) => "live",
                    (&Method::GET | &Method::HEAD, _) => "read",
                    (&Method::OPTIONS, _) => "preflight",
                    (_, Some(ApiEndpoint::Preview)) => "preview",
                    _ => "write",
                }
            }
            Area::Assets => "script",
            Area::Feeds => "feed",
            Area::Pages => "page",
            Area::Admin => "admin",
            Area::Health => "health",
            Area::Metrics => "metrics",
            Area::Home => "other",
        }
    }
}

impl Area {
    /// The area of a path, by its first segment as written: an escape in it names none.
    fn of(path: &str) -> Self {
        let first = path.strip_prefix('/').and_then(|path| path.split('/').next());
        match first.unwrap_or_default() {
            "api" => Self::Api,
            "embed.js" | "count.js" | "recent.js" | "embed" | "js" | "web" | "assets" => Self::Assets,
            "feeds" => Self::Feeds,
            "thread" => Self::Pages,
            "admin" => Self::Admin,
            "healthz" | "readyz" => Self::Health,
            "metrics" => Self::Metrics,
            _ => Self::Home,
        }
    }
}

fn feed(segments: &[&str]) -> Option<FeedRoute> {
    match segments {
        ["feeds", file] => Some(FeedRoute {
            site: file.strip_suffix(".atom")?.to_owned(),
            thread: None,
        }),
        ["feeds", site, file] => Some(FeedRoute {
            site: (*site).to_owned(),
            thread: Some(file.strip_suffix(".atom")?.to_owned()),
        }),
        _ => None,
    }
}

fn page(segments: &[&str]) -> Option<PageRoute> {
    let (site, form) = match segments {
        ["thread", site] => (site, None),
        ["thread", site, "post"] => (site, Some(PageForm::Post)),
        ["thread", site, "edit"] => (site, Some(PageForm::Edit)),
        ["thread", site, "delete"] => (site, Some(PageForm::Delete)),
        ["thread", site, "vote"] => (site, Some(PageForm::Vote)),
        _ => return None,
    };
    Some(PageRoute {
        site: (*site).to_owned(),
        form,
    })
}

/// Percent-decodes (RFC 3986, 2.1); none for a `%` without two digits behind it, which the library would let stand, and
/// for what is not UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        rest = match &rest[at..] {
            [_, high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            _ => return None,
        };
    }
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests;
