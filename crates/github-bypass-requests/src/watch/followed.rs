//! The fields of a bypass request that a watch compares.

use chrono::{DateTime, Utc};

use crate::model::any::AnyBypassRequest;
use crate::model::ids::{RequestId, RequestNumber};
use crate::model::origin::RepositoryRef;
use crate::model::request::BypassRequest;
use crate::model::response::BypassResponse;
use crate::model::vocabulary::RequestStatus;

/// Implemented by `BypassRequest<D>`, which has one kind, and by `AnyBypassRequest`.
pub(crate) trait Followed {
    fn id(&self) -> RequestId;
    fn number(&self) -> RequestNumber;
    fn repository(&self) -> &RepositoryRef;
    fn status(&self) -> &RequestStatus;
    fn created_at(&self) -> DateTime<Utc>;
    fn expires_at(&self) -> Option<DateTime<Utc>>;
    fn responses(&self) -> &[BypassResponse];
    fn deciding_response(&self) -> Option<&BypassResponse>;

    fn is_open(&self) -> bool {
        self.status().is_open()
    }
}

impl<D> Followed for BypassRequest<D> {
    fn id(&self) -> RequestId {
        self.id
    }

    fn number(&self) -> RequestNumber {
        self.number
    }

    fn repository(&self) -> &RepositoryRef {
        &self.repository
    }

    fn status(&self) -> &RequestStatus {
        &self.status
    }

    fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    fn responses(&self) -> &[BypassResponse] {
        &self.responses
    }

    fn deciding_response(&self) -> Option<&BypassResponse> {
        self.deciding_response()
    }
}

impl Followed for AnyBypassRequest {
    fn id(&self) -> RequestId {
        self.id()
    }

    fn number(&self) -> RequestNumber {
        self.number()
    }

    fn repository(&self) -> &RepositoryRef {
        self.repository()
    }

    fn status(&self) -> &RequestStatus {
        self.status()
    }

    fn created_at(&self) -> DateTime<Utc> {
        self.created_at()
    }

    fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at()
    }

    fn responses(&self) -> &[BypassResponse] {
        self.responses()
    }

    fn deciding_response(&self) -> Option<&BypassResponse> {
        self.deciding_response()
    }
}
