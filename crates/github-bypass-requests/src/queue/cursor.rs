//! The cursor of a queue's watch: the events that it has delivered.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::request::{BypassKind, KindOfRequest};
use crate::queue::member::Group;
use crate::watch::cursor::{Known, KnownRequests, WatchCursor};

/// The position of a queue's watch. Get it from
/// [`QueueEventStream::cursor`](crate::QueueEventStream::cursor), save it, and pass it to
/// [`QueueWatch::resume`](crate::QueueWatch::resume).
///
/// It has the size and the contents of the [`WatchCursor`]s of its lists, and the URLs of the lists
/// that were polled.
///
/// A saved `WatchCursor` deserializes as a `QueueCursor`, too. To continue the watches of several
/// lists as one queue, convert and combine their cursors with [`and`](Self::and).
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

/// What is known about the requests of one kind at one host.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct GroupCursor {
    /// `None` in the cursor of a single list, which does not know its host.
    pub(crate) host: Option<String>,
    pub(crate) kind: KindOfRequest,
    pub(crate) polled: Polled,
    pub(crate) known: Arc<KnownRequests>,
}

/// The lists that were polled successfully. In these, new requests can be recognized.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Polled {
    /// Every list: the cursor of a single list does not know which one it is.
    All,
    Lists(BTreeSet<String>),
}

impl QueueCursor {
    /// Adds what another cursor knows.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.groups.extend(other.into().groups);
        self
    }

    /// Returns the parts of the cursor that are about a group.
    pub(crate) fn of<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a GroupCursor> {
        self.groups.iter().filter(|cursor| {
            let is_host = |host: &String| host == group.host.as_str();
            cursor.kind == group.kind && cursor.host.as_ref().is_none_or(is_host)
        })
    }
}

impl<D: BypassKind> From<WatchCursor<D>> for QueueCursor {
    fn from(cursor: WatchCursor<D>) -> Self {
        let polled = if cursor.started {
            Polled::All
        } else {
            Polled::Lists(BTreeSet::new())
        };
        let group = GroupCursor {
            host: None,
            kind: D::KIND,
            polled,
            known: cursor.known,
        };
        Self {
            groups: vec![group],
        }
    }
}

/// The serialized form of a cursor. New fields need a default or a new version.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Queue {
        version: u32,
        groups: Vec<StoredGroup>,
    },
    /// A `WatchCursor`.
    List {
        version: u32,
        kind: KindOfRequest,
        started: bool,
        requests: Vec<Known>,
    },
}

#[derive(Serialize, Deserialize)]
struct StoredGroup {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    kind: KindOfRequest,
    /// `None` for every list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    polled: Option<BTreeSet<String>>,
    requests: Vec<Known>,
}

const VERSION: u32 = 1;

impl From<QueueCursor> for Stored {
    fn from(QueueCursor { groups }: QueueCursor) -> Self {
        let groups = groups.into_iter().map(|group| StoredGroup {
            host: group.host,
            kind: group.kind,
            polled: match group.polled {
                Polled::All => None,
                Polled::Lists(lists) => Some(lists),
            },
            requests: group.known.values().cloned().collect(),
        });
        Self::Queue {
            version: VERSION,
            groups: groups.collect(),
        }
    }
}

impl TryFrom<Stored> for QueueCursor {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let (version, groups) = match stored {
            Stored::Queue { version, groups } => (version, groups),
            Stored::List {
                version,
                kind,
                started,
                requests,
            } => {
                let group = StoredGroup {
                    host: None,
                    kind,
                    polled: (!started).then(BTreeSet::new),
                    requests,
                };
                (version, vec![group])
            }
        };
        if version != VERSION {
            return Err(format!(
                "the cursor has version {version}, which this version of the crate cannot read"
            ));
        }
        let groups = groups.into_iter().map(|group| GroupCursor {
            host: group.host,
            kind: group.kind,
            polled: group.polled.map_or(Polled::All, Polled::Lists),
            known: {
                let known = group.requests.into_iter().map(|known| (known.id, known));
                Arc::new(known.collect())
            },
        });
        Ok(Self {
            groups: groups.collect(),
        })
    }
}

impl fmt::Debug for QueueCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests: usize = self.groups.iter().map(|group| group.known.len()).sum();
        f.debug_struct("QueueCursor")
            .field("requests", &requests)
            .finish_non_exhaustive()
    }
}
