//! The filters of a list, checked as they are set.

use std::num::NonZeroU32;

use chrono::Utc;

use crate::error::{InvalidInput, Result};
use crate::list::window::Reach;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::names::Name;

/// What narrows a list, and how it is read.
#[derive(Clone, Debug)]
pub struct Query {
    /// The organization of an enterprise, or the repository of an organization.
    pub(crate) within: Option<Name>,
    pub(crate) reviewer: Option<Name>,
    pub(crate) requester: Option<Name>,
    pub(crate) status: Option<StatusFilter>,
    pub(crate) reach: Reach,
    pub(crate) per_page: NonZeroU32,
    /// The number of pages that are requested ahead of their turn.
    pub(crate) read_ahead: u32,
    /// The first input that was refused. The first poll reports it.
    refused: Option<InvalidInput>,
}

const MAX_PER_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// GitHub's own limit of concurrent requests.
const MAX_READ_AHEAD: u32 = 100;

impl Default for Query {
    fn default() -> Self {
        Self {
            within: None,
            reviewer: None,
            requester: None,
            status: None,
            reach: Reach::Period(TimePeriod::Month),
            per_page: MAX_PER_PAGE,
            read_ahead: 0,
            refused: None,
        }
    }
}

impl Query {
    pub(crate) fn narrow_to(&mut self, what: &str, name: &str) {
        self.within = self.accept(Name::slug(what, name));
    }

    pub(crate) fn narrow_to_reviewer(&mut self, login: &str) {
        self.reviewer = self.accept(Name::login("reviewer", login));
    }

    pub(crate) fn narrow_to_requester(&mut self, login: &str) {
        self.requester = self.accept(Name::login("requester", login));
    }

    pub(crate) fn set_per_page(&mut self, per_page: u32) {
        let parsed = NonZeroU32::new(per_page)
            .filter(|per_page| *per_page <= MAX_PER_PAGE)
            .ok_or_else(|| {
                InvalidInput::new(format!("page size {per_page} is not 1 to {MAX_PER_PAGE}"))
            });
        self.per_page = self.accept(parsed).unwrap_or(MAX_PER_PAGE);
    }

    pub(crate) fn set_read_ahead(&mut self, pages: u32) {
        if pages > MAX_READ_AHEAD {
            return self.refuse(InvalidInput::new(format!(
                "`read_ahead` takes 0 to {MAX_READ_AHEAD} pages, not {pages}"
            )));
        }
        self.read_ahead = pages;
    }

    /// Keeps the first refusal for the first poll.
    pub(crate) fn refuse(&mut self, refused: InvalidInput) {
        self.refused.get_or_insert(refused);
    }

    fn accept<T>(&mut self, parsed: Result<T, InvalidInput>) -> Option<T> {
        parsed.map_err(|refused| self.refuse(refused)).ok()
    }

    /// Why the list cannot be read.
    pub(crate) fn refusal(&self) -> Option<InvalidInput> {
        let refused = self.refused.clone();
        refused.or_else(|| self.reach.refusal(Utc::now()))
    }
}
