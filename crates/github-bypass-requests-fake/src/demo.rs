//! Demo data: a month of requests in two organizations.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use crate::{
    clock::later,
    world::{
        World,
        bypass_request::{ResponseStatus, Stage, TIME_TO_EXPIRY},
        findings::{BypassReason, Findings, RuleType, RuleViolation, SecretFinding},
        new_request::NewRequest,
        new_response::NewResponse,
    },
};

const ENTERPRISE: &str = "octo-enterprise";
/// The organization with the configured number of requests of each kind.
const LARGE: DemoOrganization = DemoOrganization {
    name: "octo-org",
    repositories: &["smile", "hello-world", "octocat-app", "infrastructure"],
};
/// The organization with a tenth of the configured number.
const SMALL: DemoOrganization = DemoOrganization {
    name: "octo-labs",
    repositories: &["prototype", "sandbox"],
};

const REQUESTERS: [&str; 4] = ["monalisa", "hubot", "collectocat", "dinotocat"];
const REVIEWERS: [&str; 2] = ["octocat", "mona-the-cat"];

const SECRET_TYPES: [&str; 12] = [
    "adafruit_io_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "azure_active_directory_application_secret",
    "azure_storage_account_key",
    "github_personal_access_token",
    "google_api_key",
    "google_cloud_private_key_id",
    "npm_access_token",
    "pypi_api_token",
    "slack_api_token",
    "stripe_test_secret_key",
];
const BRANCHES: [&str; 4] = [
    "refs/heads/main",
    "refs/heads/monalisa/octocat-feature",
    "refs/heads/release-2.0",
    "refs/heads/fix-ci",
];
const IN_TESTS: Excuse = Excuse {
    reason: BypassReason::UsedInTests,
    paths: &[
        "/tests/README.md:16:0",
        "/tests/fixtures/keys.json:7:17",
        "/src/client/tests.rs:42:21",
    ],
    comments: &[
        "Test token used in the readme as an example",
        "The sandbox account has no access to anything",
    ],
};
const FALSE_POSITIVE: Excuse = Excuse {
    reason: BypassReason::FalsePositive,
    paths: &[
        "/docs/getting started.md:108:4",
        "/package-lock.json:2041:20",
    ],
    comments: &[
        "This is a checksum — not a key",
        "A placeholder from the vendor's documentation",
    ],
};
const FIX_LATER: Excuse = Excuse {
    reason: BypassReason::FixLater,
    paths: &[
        "/deploy/production.env:3:12",
        "/src/config.rs:42:21",
        "/infra/main.tf:5:18",
    ],
    comments: &[
        "Token is already revoked, I'll remove it later",
        "We rotate it tomorrow; the release cannot wait",
    ],
};

const RULE_COMMENTS: [&str; 4] = [
    "Updating site images to follow changes in marketing",
    "The generated schema is large, and it has to be in the repository",
    "Vendored files keep the paths they have upstream",
    "One-off import of the old wiki",
];

/// The maximum age of a request: half a day less than the longest time period, so that no request
/// becomes too old for that period while the demo is used.
const OLDEST: TimeDelta = TimeDelta::hours(30 * 24 - 12);
const NEWEST: TimeDelta = TimeDelta::minutes(3);
/// In every demo, this many of the newest requests are open.
const CERTAINLY_OPEN: usize = 2;

/// Demo data for a [`Fake`](crate::Fake): the enterprise `octo-enterprise` with the organizations
/// `octo-org` and `octo-labs`, and bypass requests from the last thirty days, in every status.
///
/// In every demo, two recent secret scanning requests of each organization are open: one that a
/// policy can approve, because its secret is only used in a test, and one for a cloud key in
/// production.
///
/// The same seed and time give the same data.
#[derive(Clone, Debug)]
pub struct Demo {
    requests: usize,
    seed: u64,
}

#[derive(Clone, Copy)]
struct DemoOrganization {
    name: &'static str,
    repositories: &'static [&'static str],
}

/// A reason to push a secret, with the paths and comments that fit it.
struct Excuse {
    reason: BypassReason,
    paths: &'static [&'static str],
    comments: &'static [&'static str],
}

/// A request and its age.
enum Made {
    Secret(TimeDelta, NewRequest<SecretFinding>),
    Violation(TimeDelta, NewRequest<RuleViolation>),
}

impl Demo {
    /// Creates demo data with this many requests of each kind in `octo-org`, and a tenth of that
    /// number in `octo-labs`.
    pub fn new(requests: usize) -> Self {
        Self { requests, seed: 1 }
    }

    /// Sets the seed. The default is 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn fill(&self, world: &mut World, now: DateTime<Utc>) {
        let rng = &mut Rng::with_seed(self.seed);
        for organization in [LARGE, SMALL] {
            world.places.add_organization(ENTERPRISE, organization.name);
            for repository in organization.repositories {
                world.places.add_repository(organization.name, repository);
            }
        }
        // Oldest first, so that ids and numbers increase with time.
        let mut month = self.month(rng, now);
        month.sort_by_key(|made| Reverse(made.age()));
        for made in month {
            match made {
                Made::Secret(_, request) => world.open(request, Findings::Secrets, now),
                Made::Violation(_, request) => world.open(request, Findings::Violations, now),
            };
        }
    }

    fn month(&self, rng: &mut Rng, now: DateTime<Utc>) -> Vec<Made> {
        let mut month = Vec::new();
        for (organization, count) in [(LARGE, self.requests), (SMALL, self.requests.div_ceil(10))] {
            for nth in 0..count {
                let age_of_request = age(rng, nth, count);
                let request = secret_request(rng, organization, nth, age_of_request, now);
                month.push(Made::Secret(age_of_request, open_if_newest(nth, request)));

                let age_of_request = age(rng, nth, count);
                let request = violation_request(rng, organization, age_of_request, now);
                month.push(Made::Violation(
                    age_of_request,
                    open_if_newest(nth, request),
                ));
            }
        }
        month
    }
}

impl Made {
    fn age(&self) -> TimeDelta {
        match self {
            Self::Secret(age, _) | Self::Violation(age, _) => *age,
        }
    }
}

/// Chooses the age of a request. Most requests are recent, because most lists cover a day or a
/// week.
fn age(rng: &mut Rng, nth: usize, count: usize) -> TimeDelta {
    if nth < CERTAINLY_OPEN {
        return NEWEST + TimeDelta::seconds(rng.i64(0..600));
    }
    let share = (nth as f64 + rng.f64()) / count as f64;
    let span = (OLDEST - NEWEST).num_seconds() as f64;
    NEWEST + TimeDelta::seconds((span * share * share) as i64)
}

fn open_if_newest<F>(nth: usize, request: NewRequest<F>) -> NewRequest<F> {
    if nth >= CERTAINLY_OPEN {
        return request;
    }
    NewRequest {
        stage: Stage::Open,
        responses: Vec::new(),
        ..request
    }
}

/// Creates a secret scanning request. The first two have the same secrets in every demo.
fn secret_request(
    rng: &mut Rng,
    organization: DemoOrganization,
    nth: usize,
    age: TimeDelta,
    now: DateTime<Utc>,
) -> NewRequest<SecretFinding> {
    let (excuse, secrets) = match nth {
        0 => (
            &IN_TESTS,
            vec![("adafruit_io_key", "/tests/README.md:16:0")],
        ),
        1 => {
            let secret = ("aws_access_key_id", "/deploy/production.env:3:12");
            (&FIX_LATER, vec![secret])
        }
        _ => {
            let excuse = match rng.u8(0..3) {
                0 => &IN_TESTS,
                1 => &FALSE_POSITIVE,
                _ => &FIX_LATER,
            };
            let count = rng.u8(1..=2);
            let secret = |_| (pick(rng, &SECRET_TYPES), pick(rng, excuse.paths));
            (excuse, (0..count).map(secret).collect())
        }
    };
    let request = request(rng, organization, age, now, excuse.comments);
    let finding = |request: NewRequest<SecretFinding>, (secret_type, path): (&str, &str)| {
        request.finding(SecretFinding {
            secret_type: secret_type.into(),
            bypass_reason: excuse.reason,
            path: path.into(),
            branch: pick(rng, &BRANCHES).into(),
        })
    };
    secrets.into_iter().fold(request, finding)
}

fn violation_request(
    rng: &mut Rng,
    organization: DemoOrganization,
    age: TimeDelta,
    now: DateTime<Utc>,
) -> NewRequest<RuleViolation> {
    let request = request(rng, organization, age, now, &RULE_COMMENTS);
    let request = (0..rng.u8(1..=3)).fold(request, |request, _| {
        let (ruleset_id, ruleset_name, rule_type) = match rng.u8(0..4) {
            0 => (
                410,
                "Exclude image files",
                RuleType::FileExtensionRestriction,
            ),
            1 => (411, "Protect workflows", RuleType::FilePathRestriction),
            2 => (412, "No large files", RuleType::MaxFileSize),
            _ => (413, "Paths for every platform", RuleType::MaxFilePathLength),
        };
        request.finding(RuleViolation {
            ruleset_id,
            ruleset_name: ruleset_name.into(),
            total_violations: rng.u64(1..=12),
            rule_type,
        })
    });
    if rng.u8(0..20) == 0 {
        request.deleted()
    } else {
        request
    }
}

fn request<F>(
    rng: &mut Rng,
    organization: DemoOrganization,
    age: TimeDelta,
    now: DateTime<Utc>,
    comments: &[&'static str],
) -> NewRequest<F> {
    let (stage, decision) = outcome(rng);
    let mut request = NewRequest::new()
        .repository(organization.name, pick(rng, organization.repositories))
        .requester(pick(rng, &REQUESTERS))
        .created_at(later(now, -age));
    request.stage = stage;
    request.comment = (rng.u8(0..5) > 0).then(|| pick(rng, comments).into());

    // One request in eight has an earlier response that was dismissed.
    let has_dismissed = stage != Stage::Pending && rng.u8(0..8) == 0;
    let first = has_dismissed.then_some((ResponseStatus::Dismissed, 1..30));
    let last = decision.map(|decision| (decision, 30..90));
    for (status, percent) in first.into_iter().chain(last) {
        // A request gets no response after it has expired.
        let waited = age.min(TIME_TO_EXPIRY).num_seconds() * rng.i64(percent) / 100;
        let responded_at = later(now, TimeDelta::seconds(waited) - age);
        let response = NewResponse::new(pick(rng, &REVIEWERS), status).created_at(responded_at);
        request.responses.push(response);
    }
    request
}

/// Chooses how a request ends. An undecided one is open or expired, depending on its age.
fn outcome(rng: &mut Rng) -> (Stage, Option<ResponseStatus>) {
    match rng.u8(0..100) {
        0..30 => (Stage::Open, None),
        30..38 => (Stage::Pending, None),
        38..55 => (Stage::Open, Some(ResponseStatus::Approved)),
        55..75 => (Stage::Open, Some(ResponseStatus::Denied)),
        75..90 => (Stage::Completed, Some(ResponseStatus::Approved)),
        _ => (Stage::Cancelled, None),
    }
}

fn pick(rng: &mut Rng, all: &[&'static str]) -> &'static str {
    rng.choice(all).copied().unwrap_or_default()
}
