//! The cursor of a queue's watch: the events that it has delivered.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::request::{BypassKind, KindOfRequest};
use crate::queue::member::Group;
use crate::watch::cursor::{Known, KnownRequests, PolledList, WatchCursor};
use crate::watch::version::Version;

/// The position of a queue's watch. Get it from
/// [`QueueEventStream::cursor`](crate::QueueEventStream::cursor), save it, and pass it to
/// [`QueueWatch::resume`](crate::QueueWatch::resume).
///
/// It contains the same data as the [`WatchCursor`]s of the queue's lists, but each request only
/// once.
///
/// A saved `WatchCursor` deserializes as a `QueueCursor`, too. To continue the watches of several
/// lists as one queue, convert their cursors, and combine them with [`and`](Self::and).
///
/// Later versions of this crate will be able to read the serialized form. Deserializing fails if
/// the cursor was written by a version with a newer format.
///
/// # Examples
///
/// ```
/// # use github_bypass_requests::{QueueCursor, RuleViolation, SecretFinding, WatchCursor};
/// # let secrets = r#"{"version":1,"kind":"secret_scanning","started":true,"requests":[]}"#;
/// # let rules = r#"{"version":1,"kind":"push_rules","started":true,"requests":[]}"#;
/// let secrets: WatchCursor<SecretFinding> = serde_json::from_str(secrets)?;
/// let rules: WatchCursor<RuleViolation> = serde_json::from_str(rules)?;
/// let both = QueueCursor::from(secrets).and(rules);
/// # assert!(serde_json::to_string(&both)?.contains("push_rules"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct QueueCursor {
    pub(crate) groups: Vec<GroupCursor>,
}

/// The delivered events about the requests of one kind at one host.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupCursor {
    /// `None` if the cursor was converted from a [`WatchCursor`] that an earlier version saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) base_url: Option<String>,
    pub(crate) kind: KindOfRequest,
    /// The URLs of the lists that were polled. New requests can be recognized in these lists only.
    /// If the cursor does not contain the URLs, this is `None`, and every list counts as polled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) polled: Option<BTreeSet<String>>,
    /// All changes before this time have been delivered. `None` if the time is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reported_until: Option<DateTime<Utc>>,
    #[serde(
        rename = "requests",
        serialize_with = "serialize_requests",
        deserialize_with = "deserialize_requests"
    )]
    pub(crate) known: Arc<KnownRequests>,
}

impl QueueCursor {
    /// Adds the contents of another cursor.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.groups.extend(other.into().groups);
        self
    }

    /// Returns the parts of the cursor that are about a group.
    pub(crate) fn of<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a GroupCursor> {
        self.groups.iter().filter(|part| {
            let is_host = |base_url: &String| base_url == group.base_url.as_str();
            part.kind == group.kind && part.base_url.as_ref().is_none_or(is_host)
        })
    }

    /// Returns the known state of each request of a group.
    pub(crate) fn known(&self, group: &Group) -> Arc<KnownRequests> {
        let mut parts = self.of(group).map(|part| &part.known);
        let mut all = parts.next().cloned().unwrap_or_default();
        for (id, known) in parts.flat_map(|part| part.iter()) {
            Arc::make_mut(&mut all)
                .entry(*id)
                .and_modify(|other| other.merge(known.clone()))
                .or_insert_with(|| known.clone());
        }
        all
    }
}

impl<D: BypassKind> From<WatchCursor<D>> for QueueCursor {
    fn from(
        WatchCursor {
            list,
            started,
            reported_until,
            known,
            ..
        }: WatchCursor<D>,
    ) -> Self {
        let group = GroupCursor::of_list(list, D::KIND, started, known);
        Self {
            groups: vec![GroupCursor {
                reported_until,
                ..group
            }],
        }
    }
}

impl GroupCursor {
    fn of_list(
        list: Option<PolledList>,
        kind: KindOfRequest,
        started: bool,
        known: Arc<KnownRequests>,
    ) -> Self {
        let (base_url, url) = list.map(|list| (list.base_url, list.url)).unzip();
        Self {
            base_url,
            kind,
            polled: match (started, url) {
                (true, None) => None,
                (true, Some(url)) => Some(BTreeSet::from([url])),
                (false, _) => Some(BTreeSet::new()),
            },
            reported_until: None,
            known,
        }
    }
}

/// The serialized form of a queue's cursor, or of a [`WatchCursor`]. New fields need a default or a
/// new version.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<GroupCursor>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<KindOfRequest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list: Option<PolledList>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported_until: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requests: Option<Vec<Known>>,
}

impl From<QueueCursor> for Stored {
    fn from(QueueCursor { groups }: QueueCursor) -> Self {
        Self {
            version: Version,
            groups: Some(groups),
            kind: None,
            started: None,
            list: None,
            reported_until: None,
            requests: None,
        }
    }
}

impl TryFrom<Stored> for QueueCursor {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let groups = match stored {
            Stored {
                groups: Some(groups),
                ..
            } => groups,
            Stored {
                kind: Some(kind),
                started: Some(started),
                requests: Some(requests),
                list,
                reported_until,
                ..
            } => vec![GroupCursor {
                reported_until,
                ..GroupCursor::of_list(list, kind, started, by_id(requests))
            }],
            _ => return Err("this is neither the cursor of a queue nor that of a list"),
        };
        Ok(Self { groups })
    }
}

fn by_id(requests: Vec<Known>) -> Arc<KnownRequests> {
    let requests = requests.into_iter().map(|known| (known.id, known));
    Arc::new(requests.collect())
}

/// Serializes known requests as a list, as a [`WatchCursor`] does.
fn serialize_requests<S: Serializer>(
    known: &Arc<KnownRequests>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(known.values())
}

fn deserialize_requests<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<KnownRequests>, D::Error> {
    Vec::deserialize(deserializer).map(by_id)
}

impl fmt::Debug for QueueCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests: usize = self.groups.iter().map(|group| group.known.len()).sum();
        f.debug_struct("QueueCursor")
            .field("requests", &requests)
            .finish_non_exhaustive()
    }
}
