//! The filters of a list, validated when they are set.

use std::num::NonZeroU32;

use chrono::Utc;

use crate::error::{InvalidInput, Result};
use crate::list::window::Reach;
use crate::model::names::Name;
use crate::model::vocabulary::{StatusFilter, TimePeriod};

/// The filters of a list, and the settings for reading it.
#[derive(Clone, Debug)]
pub struct Query {
    /// An enterprise's list can be narrowed to an organization, and an organization's list to a
    /// repository.
    pub(crate) within: Option<Name>,
    pub(crate) reviewer: Option<Name>,
    pub(crate) requester: Option<Name>,
    pub(crate) status: Option<StatusFilter>,
    pub(crate) reach: Reach,
    pub(crate) per_page: NonZeroU32,
    /// The number of pages to request before they are needed.
    pub(crate) read_ahead: u32,
    /// The error about the first invalid argument. The first poll reports it.
    invalid: Option<InvalidInput>,
}

const MAX_PER_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// GitHub's limit on concurrent requests.
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
            invalid: None,
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
                InvalidInput::new(format!(
                    "`per_page` takes 1 to {MAX_PER_PAGE} requests, not {per_page}"
                ))
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

    /// Returns the filters as a URL query with this crate's parameter names, not GitHub's:
    /// `?status=open`. `since` is left out, because its instant may depend on the time of the call.
    pub(crate) fn filters(&self) -> String {
        let name = |name: &Option<Name>| name.as_deref().map(str::to_ascii_lowercase);
        let time_period = match self.reach {
            Reach::Period(TimePeriod::Month) | Reach::Since(_) => None,
            Reach::Period(period) => Some(period.to_string()),
        };
        let filters = [
            ("within", name(&self.within)),
            ("reviewer", name(&self.reviewer)),
            ("requester", name(&self.requester)),
            ("status", self.status.map(|status| status.to_string())),
            ("time_period", time_period),
        ];
        let filters = filters.into_iter();
        let filters = filters.filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        let filters: Vec<String> = filters.collect();
        match filters.as_slice() {
            [] => String::new(),
            filters => format!("?{}", filters.join("&")),
        }
    }

    /// Records the error, unless there is an earlier one.
    pub(crate) fn refuse(&mut self, error: InvalidInput) {
        self.invalid.get_or_insert(error);
    }

    fn accept<T>(&mut self, parsed: Result<T, InvalidInput>) -> Option<T> {
        parsed.map_err(|error| self.refuse(error)).ok()
    }

    /// Returns the error about the first invalid argument.
    pub(crate) fn error(&self) -> Option<InvalidInput> {
        let invalid = self.invalid.clone();
        invalid.or_else(|| self.reach.error(Utc::now()))
    }
}
