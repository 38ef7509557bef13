//! The grammar of the server's paths: the route that each path names, its methods, and its group in the metrics.
//!
//! A path is parsed once ([`Route::parse`]), by [`crate::web::server`]; the handlers match the types here and parse no path
//! again. `Allow`, the refusal of a method and the metrics' group follow from the route.

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

/// The route that a path names, with its names percent-decoded; `None` in an area: the path names nothing there. Whether
/// the site, the thread or the comment exists is for the use cases to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The API.
    Api(Option<ApiRoute>),
    /// A file by its path without the first slash. Every path of the area is one: [`crate::web::static_files`] has the list.
    Asset(String),
    /// A feed.
    Feed(Option<FeedRoute>),
    /// A site's thread page, or the action of one of its forms.
    Page(Option<PageRoute>),
    /// The admin pages.
    Admin(Option<AdminRoute>),
    /// A health check.
    Health(Option<HealthRoute>),
    /// The metrics, and every path below them.
    Metrics,
    /// The files and the page at the root.
    Home(Option<HomeRoute>),
    /// A path that percent-decodes to no UTF-8.
    Malformed(Area),
}

/// `/feeds/{site}.atom`, `/feeds/{site}/{thread}.atom`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRoute {
    /// The site's name.
    pub site: String,
    /// The thread's id as written; `None`: the feed of the site.
    pub thread: Option<String>,
}

/// `/thread/{site}` and `/thread/{site}/{form}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRoute {
    /// The site's name.
    pub site: String,
    /// The form that is sent; `None`: the page.
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
    /// The allowed methods.
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
    /// The process can read and write its database.
    Ready,
    /// The request as it arrives here, for `afterword doctor`.
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
    /// Parses the path of a request, still percent-encoded and without its query.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let area = Area::of(path);
        let relative = path.trim_start_matches('/');
        if !relative.contains('%') {
            return Self::in_area(area, &relative.split('/').collect::<Vec<_>>());
        }
        // Segment by segment: an encoded slash is part of a name.
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

    /// The area that answers it.
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

    /// The allowed methods; `None`: there is nothing at this path for any method.
    #[must_use]
    pub fn methods(&self) -> Option<Methods> {
        match self {
            Self::Api(route) => route.as_ref().map(|route| route.endpoint.methods()),
            // Also for a file that does not exist.
            Self::Asset(_) | Self::Feed(_) | Self::Health(_) | Self::Metrics => Some(Methods::READ),
            Self::Page(route) => route.as_ref().map(PageRoute::methods),
            Self::Admin(route) => route.as_ref().map(AdminRoute::methods),
            Self::Home(route) => route.map(|_| Methods::READ),
            Self::Malformed(_) => None,
        }
    }

    /// The group of routes that the metrics count a request in: a fixed word, never a part of the path.
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
    /// The area of a path, by its first segment as written: a percent-encoded one names no area.
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

/// Percent-decodes a text (RFC 3986, 2.1); `None` if the result is not UTF-8, and for a `%` without two hexadecimal digits
/// after it, which the crate `percent-encoding` would keep as it is.
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
