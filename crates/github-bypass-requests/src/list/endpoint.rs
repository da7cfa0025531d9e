//! The six operations that list requests.

use std::future::Future;
use std::num::NonZeroU32;

use github_bypass_requests_api::Operation;
use http::HeaderValue;

use crate::call::{Call, Response};
use crate::error::Result;
use crate::list::query::Query;
use crate::list::received::{PageSource, ReceivedPage};
use crate::model::request::BypassKind;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::{Enterprise, InClient, Organization, Repository};

/// A scope whose requests can be listed: [`Enterprise`], [`Organization`] or [`Repository`].
///
/// This trait is sealed.
pub trait Scope: FetchPage<SecretFinding> + FetchPage<RuleViolation> + Clone {}

impl Scope for Enterprise {}
impl Scope for Organization {}
impl Scope for Repository {}

/// A scope with an operation that lists the requests of one kind.
///
/// Users cannot name this trait, which seals [`Scope`].
pub trait FetchPage<D: BypassKind>: InClient {
    /// Reads a page. If `known` is an ETag, the request is conditional.
    #[doc(hidden)]
    fn fetch_page(
        &self,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
        known: Option<HeaderValue>,
    ) -> impl Future<Output = Result<Response<Vec<D::Wire>>>> + Send;
}

/// The list of a scope, narrowed by a query.
pub(crate) struct Endpoint<S> {
    pub(crate) scope: S,
    pub(crate) query: Query,
}

impl<S: FetchPage<D>, D: BypassKind> PageSource<D> for Endpoint<S> {
    async fn page(&self, time_period: TimePeriod, page: NonZeroU32) -> Result<ReceivedPage<D>> {
        let Self { scope, query } = self;
        let response = scope.fetch_page(query, time_period, page, None).await?;
        ReceivedPage::decode(response, page)
    }
}

/// Implements [`FetchPage`] with an operation and the generated method of the same name.
macro_rules! impl_fetch_page {
    ($scope:ident, $kind:ident: $operation:ident $method:ident($($name:ident),+; $($filter:ident),*)) => {
        impl FetchPage<$kind> for $scope {
            async fn fetch_page(
                &self,
                query: &Query,
                time_period: TimePeriod,
                page: NonZeroU32,
                known: Option<HeaderValue>,
            ) -> Result<Response<Vec<<$kind as $crate::model::request::Wired>::Wire>>> {
                let Self { client, $($name),+ } = self;
                $(let $name: &str = $name.as_ref().map_err(Clone::clone)?;)+
                let call = Call::new(client, Operation::$operation).if_none_match(known);
                call.read(|api| async move {
                    api.$method($($name,)+ $(impl_fetch_page!(@$filter query time_period page)),*).await
                })
                .await
            }
        }
    };
    (@page $query:ident $time_period:ident $page:ident) => { Some($page) };
    (@per_page $query:ident $time_period:ident $page:ident) => { Some($query.per_page) };
    (@time_period $query:ident $time_period:ident $page:ident) => { Some($time_period.to_wire()) };
    (@status $query:ident $time_period:ident $page:ident) => { $query.status.map(StatusFilter::to_wire) };
    (@$filter:ident $query:ident $time_period:ident $page:ident) => { $query.$filter.as_deref() };
}

impl_fetch_page!(Enterprise, SecretFinding: SECRET_SCANNING_LIST_ENTERPRISE_BYPASS_REQUESTS
    secret_scanning_list_enterprise_bypass_requests(
        slug; within, page, per_page, status, requester, reviewer, time_period));
impl_fetch_page!(Enterprise, RuleViolation: ENTERPRISE_ADMIN_LIST_PUSH_BYPASS_REQUESTS
    enterprise_admin_list_push_bypass_requests(
        slug; within, page, per_page, status, requester, reviewer, time_period));
impl_fetch_page!(Organization, SecretFinding: SECRET_SCANNING_LIST_ORG_BYPASS_REQUESTS
    secret_scanning_list_org_bypass_requests(
        name; page, per_page, within, status, requester, reviewer, time_period));
impl_fetch_page!(Organization, RuleViolation: ORGS_LIST_PUSH_BYPASS_REQUESTS
    orgs_list_push_bypass_requests(
        name; page, per_page, within, status, requester, reviewer, time_period));
impl_fetch_page!(Repository, SecretFinding: SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS
    secret_scanning_list_repo_bypass_requests(
        owner, name; page, per_page, status, requester, reviewer, time_period));
impl_fetch_page!(Repository, RuleViolation: REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS
    repos_list_repo_push_bypass_requests(
        owner, name; page, per_page, status, requester, reviewer, time_period));
