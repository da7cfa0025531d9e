//! The stream of a queue.

use std::collections::{HashSet, VecDeque};
use std::num::NonZeroU32;
use std::task::{Context, Poll, ready};
use std::vec;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::list::stream::stream;
use crate::model::any::AnyBypassRequest;
use crate::model::ids::RequestId;
use crate::queue::member::{Group, Member, Pages};
use crate::queue::position::{ListPosition, QueuePosition};

/// A stream of the requests of a queue. Created by [`Queue::stream`](crate::Queue::stream).
#[must_use = "nothing is sent until the stream is polled"]
pub struct QueueStream {
    sources: Vec<Source>,
    /// The ids of the delivered requests, by group.
    delivered: Vec<HashSet<RequestId>>,
    /// The errors to return at the end.
    errors: VecDeque<Postponed>,
    missing_organizations: Vec<i64>,
}

/// An error that is returned after all requests.
struct Postponed {
    error: Error,
    /// The index of the list.
    source: usize,
    /// The page that a resumed queue requests again, so that the error is not lost.
    page: Option<NonZeroU32>,
}

/// One of the lists.
struct Source {
    per_page: NonZeroU32,
    /// `None` at the end and after an error.
    pages: Option<Pages>,
    /// The index of the list's group.
    group: usize,
    /// The undelivered requests of the current page.
    requests: vec::IntoIter<AnyBypassRequest>,
    /// The number of the current page.
    current: Option<NonZeroU32>,
    /// The number of the page to request next. After an error, it is the page that failed.
    next: Option<NonZeroU32>,
    progress: ListProgress,
}

/// The progress of reading a list. Returned by [`QueueStream::progress`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListProgress {
    /// The URL of the list, with the filters that narrow it.
    pub list: String,
    /// The number of pages read.
    pub pages: u32,
    /// The number of the last page, if it is known. It changes with the list.
    pub last_page: Option<u32>,
    /// True if all requests of the list were delivered.
    pub is_finished: bool,
}

impl QueueStream {
    pub(crate) fn new(
        lists: Vec<Member>,
        groups: &[Group],
        position: Option<QueuePosition>,
    ) -> Self {
        let mut delivered = vec![HashSet::new(); groups.len()];
        let mut starts = Vec::new();
        if let Some(position) = position {
            let ids = position.delivered.into_iter().map(HashSet::from_iter);
            delivered.splice(.., ids);
            starts = position.lists.into_iter().map(|list| list.page).collect();
        }
        let mut starts = starts.into_iter();
        let sources = lists.into_iter().map(|Member { query, list }| {
            let of = list.group();
            let next = starts.next().unwrap_or_else(|| Some(list.first_page()));
            Source {
                per_page: query.per_page,
                group: groups.iter().position(|group| *group == of).unwrap_or(0),
                progress: ListProgress {
                    list: list.address(query.clone()),
                    pages: 0,
                    last_page: None,
                    is_finished: false,
                },
                pages: next.map(|page| list.pages(query, page)),
                requests: vec::IntoIter::default(),
                current: None,
                next,
            }
        });
        Self {
            sources: sources.collect(),
            delivered,
            errors: VecDeque::new(),
            missing_organizations: Vec::new(),
        }
    }

    /// Returns the position after the last delivered request, or `None` at the end of all lists.
    ///
    /// Before the first request, it is the start of all lists.
    ///
    /// If a list has failed, the resumed queue again requests the page that failed. If a bypass
    /// request could not be decoded, and this stream has not returned that error yet, the resumed
    /// queue reads the page of that request again and returns the error.
    pub fn position(&self) -> Option<QueuePosition> {
        let lists = self.sources.iter().enumerate().map(|(index, source)| {
            let mut position = source.position();
            let errors = self.errors.iter().filter(|error| error.source == index);
            let pages = errors.filter_map(|error| error.page);
            position.page = pages.chain(position.page).min();
            position
        });
        let lists: Vec<_> = lists.collect();
        let has_ended = lists.iter().all(|list| list.page.is_none());
        let ids = self.delivered.iter().map(|ids| {
            let mut ids: Vec<RequestId> = ids.iter().copied().collect();
            ids.sort_unstable();
            ids
        });
        (!has_ended).then(|| QueuePosition::new(lists, ids.collect()))
    }

    /// Returns the progress of each list, in the order in which the lists were added.
    pub fn progress(&self) -> Vec<ListProgress> {
        let progress = self.sources.iter().map(|source| {
            let is_finished = source.position().page.is_none();
            let ListProgress {
                pages, last_page, ..
            } = source.progress;
            ListProgress {
                is_finished,
                last_page: last_page.or(is_finished.then_some(pages)),
                ..source.progress.clone()
            }
        });
        progress.collect()
    }

    /// Returns the errors that this stream will return after all requests.
    ///
    /// Use it if you do not read the queue to the end: a list that failed is missing from the
    /// requests that you have read.
    pub fn pending_errors(&self) -> impl Iterator<Item = &Error> {
        self.errors.iter().map(|postponed| &postponed.error)
    }

    /// Returns the ids of the organizations whose requests were missing from the responses so far:
    /// see [`ResponseMeta::missing_organizations`](crate::ResponseMeta::missing_organizations).
    pub fn missing_organizations(&self) -> &[i64] {
        &self.missing_organizations
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AnyBypassRequest>>> {
        loop {
            for (index, source) in self.sources.iter_mut().enumerate() {
                let missing = &mut self.missing_organizations;
                while let Some(error) = ready!(source.poll_next(context, missing)) {
                    push_once(
                        &mut self.errors,
                        Postponed {
                            error,
                            source: index,
                            page: source.current,
                        },
                    );
                }
            }
            let newest = self
                .sources
                .iter_mut()
                .filter(|source| source.created_at().is_some())
                .reduce(|newest, source| {
                    if source.created_at() > newest.created_at() {
                        source
                    } else {
                        newest
                    }
                });
            let newest = newest.and_then(|source| Some((source.group, source.requests.next()?)));
            let Some((group, request)) = newest else {
                let error = self.errors.pop_front();
                return Poll::Ready(error.map(|error| Err(error.error)));
            };
            let delivered = self.delivered.get_mut(group);
            if delivered.is_none_or(|delivered| delivered.insert(request.id())) {
                return Poll::Ready(Some(Ok(request)));
            }
        }
    }
}

/// Adds an error. An invalid argument makes every list fail, but is reported only once.
fn push_once(errors: &mut VecDeque<Postponed>, postponed: Postponed) {
    let error = &postponed.error;
    let text = error.is_invalid_input().then(|| error.to_string());
    let is_known = |text: &String| errors.iter().any(|known| known.error.to_string() == *text);
    if !text.as_ref().is_some_and(is_known) {
        errors.push_back(postponed);
    }
}

impl Source {
    /// Reads pages until there is a request or the list ends. Returns an error of the list, if any.
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        missing_organizations: &mut Vec<i64>,
    ) -> Poll<Option<Error>> {
        while self.requests.as_slice().is_empty() {
            let Some(pages) = &mut self.pages else { break };
            match ready!(pages.as_mut().poll_next(context)) {
                Some(Ok(page)) => {
                    page.meta.add_missing_organizations(missing_organizations);
                    self.progress.pages += 1;
                    self.progress.last_page = page.last.or(self.progress.last_page);
                    self.requests = page.requests.into_iter();
                    self.current = NonZeroU32::new(page.number);
                    self.next = page.next;
                    if page.skipped.is_some() {
                        return Poll::Ready(page.skipped);
                    }
                }
                Some(Err(error)) => {
                    self.pages = None;
                    self.current = self.next;
                    return Poll::Ready(Some(error));
                }
                None => {
                    self.pages = None;
                    self.next = None;
                }
            }
        }
        Poll::Ready(None)
    }

    fn position(&self) -> ListPosition {
        let is_delivered = self.requests.as_slice().is_empty();
        ListPosition {
            list: self.progress.list.clone(),
            per_page: self.per_page,
            page: if is_delivered {
                self.next
            } else {
                self.current
            },
        }
    }

    /// Returns the creation time of the next request.
    fn created_at(&self) -> Option<DateTime<Utc>> {
        let next = self.requests.as_slice().first();
        next.map(AnyBypassRequest::created_at)
    }
}

stream! {
    QueueStream, AnyBypassRequest,
    /// Returns the next request, or `None` at the end.
    ///
    /// Cancel safe: if the future is dropped, no request is lost.
    ///
    /// # Errors
    ///
    /// Fails like any other read; see [`Error`](crate::Error). An error may be followed by an error
    /// from another list, so keep reading until `None`.
}
