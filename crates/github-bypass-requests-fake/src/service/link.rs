//! The `Link` header of a list.

use form_urlencoded::Serializer;

use super::list_query::Page;
use crate::world::{findings::Kind, places::Place};

/// Returns the path of a list as in GitHub's links, which identify the place by its id.
pub(super) fn path(place: &Place, kind: Kind) -> String {
    let place = match place {
        Place::Enterprise(it) => format!("/enterprises/{}", it.id),
        Place::Organization(it) => format!("/organizations/{}", it.id),
        Place::Repository(it) => format!("/repositories/{}", it.id),
    };
    format!("{place}/bypass-requests/{}", kind.path_segment())
}

/// Returns the value of the header, or `None` for the only page of a list.
pub(super) fn header(url: &str, query: &str, page: &Page) -> Option<String> {
    let Page { number, last, .. } = *page;
    let mut pages = Vec::new();
    if number > 1 {
        pages.push(("prev", last.min(number - 1)));
    }
    if number < last {
        pages.push(("next", number + 1));
        pages.push(("last", last));
    }
    if number > 1 {
        pages.push(("first", 1));
    }
    let links: Vec<_> = pages
        .into_iter()
        .map(|(rel, page)| format!("<{url}?{}>; rel=\"{rel}\"", with_page(query, page)))
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

/// Replaces the page in the client's query.
fn with_page(query: &str, page: usize) -> String {
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "page");
    Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("page", &page.to_string())
        .finish()
}
