//! A reader: reads lists in every way that the client offers.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use fastrand::Rng;
use github_bypass_requests::{
    AnyBypassRequest, BypassKind, BypassRequest, Client, Error, List, Page, PageStream, Position,
    Queue, RequestStream, Result, StatusFilter,
};
use tokio::time::{sleep, timeout};

use crate::actor::{FOREVER, seconds};
use crate::record::Walk;
use crate::sim::Sim;
use crate::slip::Slip;
use crate::world::{Key, Kind, ORGANIZATION, PERIODS, REPOSITORIES, REQUESTERS};

/// A walk is given up after more errors than this.
const MAX_ERRORS: u32 = 40;

pub(crate) struct Reader {
    pub(crate) sim: Arc<Sim>,
    pub(crate) client: Client,
    pub(crate) rng: Rng,
}

/// The filters of a list, and the way in which it is read.
#[derive(Clone, Copy, Debug)]
struct Manner {
    status: Option<StatusFilter>,
    requester: Option<&'static str>,
    since: Option<chrono::DateTime<Utc>>,
    per_page: u32,
    ahead: u32,
}

impl Reader {
    pub(crate) async fn run(mut self) {
        while self.sim.now() < self.sim.plan.duration {
            sleep(seconds(&mut self.rng, 0.0..20.0)).await;
            self.walk().await;
        }
    }

    async fn walk(&mut self) {
        let manner = self.manner();
        let client = self.client.clone();
        let repository = self.rng.choice(REPOSITORIES).unwrap_or_default();
        let (scope, kind) = (self.rng.u32(..5), self.rng.bool());
        let is_paged = self.rng.bool();
        let mut walk = Walk {
            what: String::new(),
            kinds: vec![if kind { Kind::Secret } else { Kind::Rule }],
            repository: None,
            status: manner.status.map(StatusFilter::as_str),
            requester: manner.requester,
            since: manner.since,
            is_queue: false,
            started: self.sim.now(),
            ended: self.sim.now(),
            delivered: Vec::new(),
            is_complete: false,
            dead_end: None,
        };
        // A macro, because the lists have different types with the same methods.
        macro_rules! read {
            ($what:literal, $list:expr) => {{
                walk.what = format!("{}, {manner:?}", $what);
                self.trace(&walk);
                let list = narrowed($list, manner);
                if is_paged {
                    self.read(&mut walk, list, |list| list.pages()).await;
                } else {
                    self.read(&mut walk, list, |list| list.stream()).await;
                }
            }};
        }
        macro_rules! read_kind {
            ($what:literal, $scope:expr) => {
                if kind {
                    read!($what, $scope.secret_scanning().list())
                } else {
                    read!($what, $scope.push_rules().list())
                }
            };
        }
        match scope {
            0 => read_kind!("enterprise", client.enterprise("octo-enterprise")),
            1 => read_kind!("organization", client.organization(ORGANIZATION)),
            2 => {
                walk.repository = Some(repository);
                read_kind!("repository", client.repository(ORGANIZATION, repository));
            }
            3 => {
                walk.repository = Some(repository);
                let list = client.organization(ORGANIZATION).secret_scanning().list();
                walk.kinds = vec![Kind::Secret];
                read!("organization, narrowed", list.repository(repository));
            }
            _ => {
                walk.kinds = vec![Kind::Secret, Kind::Rule];
                walk.is_queue = true;
                let organization = client.organization(ORGANIZATION);
                let secrets = narrowed(organization.secret_scanning().list(), manner);
                let rules = narrowed(organization.push_rules().list(), manner);
                let mut queue = Queue::from(secrets).and(rules);
                if kind {
                    // The lists of a queue may overlap.
                    let again = client.repository(ORGANIZATION, repository);
                    queue = queue.and(narrowed(again.secret_scanning().list(), manner));
                }
                walk.what = format!("queue, {manner:?}");
                self.trace(&walk);
                self.read_queue(&mut walk, queue).await;
            }
        }
        walk.ended = self.sim.now();
        self.sim.trace(None, || {
            let Walk {
                delivered,
                is_complete,
                dead_end,
                ..
            } = &walk;
            format!("the walk ends: {is_complete}, {dead_end:?}, {delivered:?}")
        });
        self.slip(&mut walk);
        self.sim.record().walks.push(walk);
    }

    fn manner(&mut self) -> Manner {
        let rng = &mut self.rng;
        // Some lists start near the ends of the periods that GitHub offers.
        let age = match rng.choice(PERIODS).filter(|_| rng.bool()) {
            Some(period) => TimeDelta::seconds(period - rng.i64(-30..90)),
            None => TimeDelta::minutes(rng.i64(1..30_000)),
        };
        let since = self.sim.utc() - age;
        // A status filter is used only if neither a writer nor a colleague acts.
        let is_still = !self.sim.plan.colleague && self.sim.plan.writers == 0;
        let statuses = [StatusFilter::Approved, StatusFilter::Denied];
        let status = rng.choice(statuses).filter(|_| rng.bool());
        Manner {
            status: status.filter(|_| is_still),
            requester: rng.choice(REQUESTERS).filter(|_| rng.u32(..4) == 0),
            since: Some(since).filter(|_| rng.u32(..3) == 0),
            per_page: self.sim.plan.per_page,
            ahead: rng.choice([0, 0, 1, 3, 8]).unwrap_or_default(),
        }
    }

    fn trace(&self, walk: &Walk) {
        let what = &walk.what;
        self.sim.trace(None, || format!("a walk starts: {what}"));
    }

    /// Reads a list to its end. Resumes it after errors, and sometimes without an error.
    async fn read<S: Clone, D: BypassKind, T: Streamed<D>>(
        &mut self,
        walk: &mut Walk,
        list: List<S, D>,
        start: impl Fn(List<S, D>) -> T,
    ) {
        let mut stream = start(list.clone());
        let mut errors = 0;
        loop {
            let is_cut = self.rng.u32(..15) == 0;
            let is_dropped = self.rng.f64() < self.sim.plan.dropped;
            let limit = if is_dropped {
                seconds(&mut self.rng, 0.0..0.5)
            } else {
                FOREVER
            };
            let Ok(next) = timeout(limit, stream.next()).await else {
                if is_dropped {
                    continue;
                }
                walk.dead_end = Some("the next request never arrives".to_owned());
                return;
            };
            match next {
                Ok(Some(ids)) => {
                    let kind = walk.kinds[0];
                    walk.delivered.extend(ids.into_iter().map(|id| (kind, id)));
                    if self.rng.u32(..20) == 0 {
                        sleep(seconds(&mut self.rng, 0.0..8.0)).await;
                    }
                    if !is_cut {
                        continue;
                    }
                }
                Ok(None) => {
                    walk.is_complete = true;
                    return;
                }
                Err(error) => {
                    self.sim.trace(None, || format!("the walk fails: {error}"));
                    errors += 1;
                    if errors > MAX_ERRORS {
                        return;
                    }
                    sleep(seconds(&mut self.rng, 0.5..10.0)).await;
                    if stream.position().is_none() && !error.is_decode() {
                        walk.dead_end = Some(error.to_string());
                        return;
                    }
                }
            }
            let Some(position) = stream.position() else {
                walk.is_complete = true;
                return;
            };
            // Pass the position through JSON, as if another process resumed the list.
            let json = serde_json::to_string(&position).expect("JSON");
            self.sim
                .trace(None, || format!("the walk resumes at {json}"));
            let position: Position<D> = serde_json::from_str(&json).expect("a position");
            stream = start(list.clone().resume(position));
        }
    }

    async fn read_queue(&mut self, walk: &mut Walk, queue: Queue) {
        let mut stream = queue.stream();
        let mut has_failed = false;
        loop {
            let Ok(next) = timeout(FOREVER, stream.try_next()).await else {
                walk.dead_end = Some("the next request never arrives".to_owned());
                return;
            };
            match next {
                Ok(Some(request)) => walk.delivered.push(key(&request)),
                Ok(None) => {
                    walk.is_complete = !has_failed;
                    return;
                }
                Err(error) => {
                    self.sim.trace(None, || format!("the queue fails: {error}"));
                    // The requests of the other lists are still delivered.
                    has_failed |= !is_bad_item(&error);
                }
            }
            if self.rng.u32(..20) == 0 {
                sleep(seconds(&mut self.rng, 0.0..8.0)).await;
            }
        }
    }

    fn slip(&self, walk: &mut Walk) {
        if self.sim.slips(Slip::ItemHidden) {
            walk.delivered.pop();
        }
        if self.sim.slips(Slip::ItemRepeated) {
            walk.delivered
                .extend_from_within(..walk.delivered.len().min(1));
        }
        if self.sim.slips(Slip::ItemAdded) {
            let world = self.sim.world();
            let others = world.entries.iter().map(|entry| entry.key);
            walk.delivered
                .extend(others.filter(|key| !walk.kinds.contains(&key.0)));
        }
        if self.sim.slips(Slip::PositionLost) {
            walk.dead_end = Some("a slip".to_owned());
        }
    }
}

fn narrowed<S, D>(list: List<S, D>, manner: Manner) -> List<S, D> {
    let mut list = list.per_page(manner.per_page).read_ahead(manner.ahead);
    if let Some(status) = manner.status {
        list = list.status(status);
    }
    if let Some(requester) = manner.requester {
        list = list.requester(requester);
    }
    if let Some(since) = manner.since {
        list = list.since(since);
    }
    list
}

/// Returns true if the error is about a single request, not about a list.
fn is_bad_item(error: &Error) -> bool {
    error.is_decode() && error.to_string().contains(", item ")
}

fn key(request: &AnyBypassRequest) -> Key {
    let kind = match request {
        AnyBypassRequest::SecretScanning(_) => Kind::Secret,
        _ => Kind::Rule,
    };
    (kind, request.id().get())
}

/// A stream of requests or of pages.
trait Streamed<D> {
    /// Returns the ids of the next requests.
    async fn next(&mut self) -> Result<Option<Vec<i64>>>;

    fn position(&self) -> Option<Position<D>>;
}

impl<D: BypassKind> Streamed<D> for RequestStream<D> {
    async fn next(&mut self) -> Result<Option<Vec<i64>>> {
        let request = self.try_next().await?;
        Ok(request.map(|request| vec![request.id.get()]))
    }

    fn position(&self) -> Option<Position<D>> {
        Self::position(self)
    }
}

impl<D: BypassKind> Streamed<D> for PageStream<D> {
    async fn next(&mut self) -> Result<Option<Vec<i64>>> {
        let ids = |page: Page<BypassRequest<D>>| {
            page.items.iter().map(|request| request.id.get()).collect()
        };
        Ok(self.try_next().await?.map(ids))
    }

    fn position(&self) -> Option<Position<D>> {
        Self::position(self)
    }
}
