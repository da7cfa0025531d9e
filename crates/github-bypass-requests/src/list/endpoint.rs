//! The six operations that list requests.

use std::future::Future;
use std::num::NonZeroU32;

use github_bypass_requests_api::Operation;
use http::HeaderValue;

use crate::call::{Call, Response};
use crate::error::Result;
use crate::list::query::Query;
use crate::list::received::{PageSource, ReceivedPage};
use crate::model::request::{BypassKind, KindOfRequest};
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::{Enterprise, InClient, Organization, Repository};

/// A scope whose requests can be listed: [`Enterprise`], [`Organization`] or [`Repository`].
///
/// Use it to write functions that accept the list of any scope. This trait is sealed.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::{BypassKind, Error, List, Scope};
///
/// /// Counts the requests of any scope and kind.
/// async fn count<S: Scope, D: BypassKind>(list: List<S, D>) -> Result<usize, Error> {
///     let (mut pages, mut count) = (list.pages(), 0);
///     while let Some(page) = pages.try_next().await? {
///         count += page.items.len();
///     }
///     Ok(count)
/// }
/// ```
pub trait Scope: InClient + Clone {
    /// Returns the path of the list. Names are in lower case, because GitHub ignores case. An
    /// invalid name is left out.
    #[doc(hidden)]
    fn path(&self, kind: KindOfRequest) -> String;

    /// Reads a page. If `known` is an ETag, the request is conditional.
    #[doc(hidden)]
    fn fetch_page(
        &self,
        kind: KindOfRequest,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
        known: Option<HeaderValue>,
    ) -> impl Future<Output = Result<Response<()>>> + Send;
}

/// The list of a scope, narrowed by a query.
pub(crate) struct Endpoint<S> {
    pub(crate) scope: S,
    pub(crate) query: Query,
}

impl<S: Scope, D: BypassKind> PageSource<D> for Endpoint<S> {
    async fn page(&self, time_period: TimePeriod, page: NonZeroU32) -> Result<ReceivedPage<D>> {
        let Self { scope, query } = self;
        let response = scope.fetch_page(D::KIND, query, time_period, page, None);
        ReceivedPage::decode(response.await?, page)
    }
}

/// Implements [`Scope`] for a type. For each kind of request, the macro takes the list operation,
/// the generated method, and the parameters of that method.
macro_rules! impl_scope {
    ($scope:ident($($name:ident),+) {
        SecretScanning: $secrets:ident $list_secrets:ident($($of_secrets:ident),*);
        PushRules: $rules:ident $list_rules:ident($($of_rules:ident),*);
    }) => {
        impl Scope for $scope {
            fn path(&self, kind: KindOfRequest) -> String {
                let Self { $($name),+, .. } = self;
                let operation = match kind {
                    KindOfRequest::SecretScanning => Operation::$secrets,
                    KindOfRequest::PushRules => Operation::$rules,
                };
                let mut names = [$($name),+].into_iter();
                let segments = operation.path.split('/').map(|segment| {
                    let name = segment.starts_with('{').then(|| names.next()).flatten();
                    match name {
                        Some(name) => name.as_deref().unwrap_or_default().to_ascii_lowercase(),
                        None => segment.to_owned(),
                    }
                });
                segments.collect::<Vec<_>>().join("/")
            }

            async fn fetch_page(
                &self,
                kind: KindOfRequest,
                query: &Query,
                time_period: TimePeriod,
                page: NonZeroU32,
                known: Option<HeaderValue>,
            ) -> Result<Response<()>> {
                let Self { client, $($name),+ } = self;
                $(let $name: &str = $name.as_ref().map_err(Clone::clone)?;)+
                let call = |operation| Call::new(client, operation).if_none_match(known);
                match kind {
                    KindOfRequest::SecretScanning => {
                        let response = call(Operation::$secrets).read(|api| async move {
                            api.$list_secrets(
                                $($name,)+ $(argument!($of_secrets query time_period page)),*
                            )
                            .await
                        });
                        response.await.map(Response::untyped)
                    }
                    KindOfRequest::PushRules => {
                        let response = call(Operation::$rules).read(|api| async move {
                            api.$list_rules(
                                $($name,)+ $(argument!($of_rules query time_period page)),*
                            )
                            .await
                        });
                        response.await.map(Response::untyped)
                    }
                }
            }
        }
    };
}

/// The argument that is passed for a parameter of a generated method.
macro_rules! argument {
    (page $query:ident $time_period:ident $page:ident) => {
        Some($page)
    };
    (per_page $query:ident $time_period:ident $page:ident) => {
        Some($query.per_page)
    };
    (time_period $query:ident $time_period:ident $page:ident) => {
        Some($time_period.to_wire())
    };
    (status $query:ident $time_period:ident $page:ident) => {
        $query.status.map(StatusFilter::to_wire)
    };
    ($filter:ident $query:ident $time_period:ident $page:ident) => {
        $query.$filter.as_deref()
    };
}

impl_scope!(Enterprise(slug) {
    SecretScanning: SECRET_SCANNING_LIST_ENTERPRISE_BYPASS_REQUESTS
        secret_scanning_list_enterprise_bypass_requests(
            within, page, per_page, status, requester, reviewer, time_period);
    PushRules: ENTERPRISE_ADMIN_LIST_PUSH_BYPASS_REQUESTS
        enterprise_admin_list_push_bypass_requests(
            within, page, per_page, status, requester, reviewer, time_period);
});
impl_scope!(Organization(name) {
    SecretScanning: SECRET_SCANNING_LIST_ORG_BYPASS_REQUESTS
        secret_scanning_list_org_bypass_requests(
            page, per_page, within, status, requester, reviewer, time_period);
    PushRules: ORGS_LIST_PUSH_BYPASS_REQUESTS
        orgs_list_push_bypass_requests(
            page, per_page, within, status, requester, reviewer, time_period);
});
impl_scope!(Repository(owner, name) {
    SecretScanning: SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS
        secret_scanning_list_repo_bypass_requests(
            page, per_page, status, requester, reviewer, time_period);
    PushRules: REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS
        repos_list_repo_push_bypass_requests(
            page, per_page, status, requester, reviewer, time_period);
});
