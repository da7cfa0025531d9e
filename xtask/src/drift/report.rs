//! Formats the result of a comparison as text or JSON.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde_json::{Value, json};

use crate::drift::compare::{Sides, Spot};
use crate::drift::facts::{Facts, operation_id};
use crate::drift::ledger::{Drift, Kind, LEDGER};
use crate::drift::lock::{LOCK, Source};
use crate::fragment::FRAGMENT;

/// The result of a comparison.
pub(crate) struct Report {
    pub(crate) source: Source,
    /// GitHub's name for each operation.
    pub(crate) names: BTreeMap<String, String>,
    /// The number of differences, declared or not.
    pub(crate) differences: usize,
    pub(crate) drift: Vec<Drift>,
    pub(crate) accepted: Option<Accepted>,
}

/// The changes to the lock.
pub(crate) struct Accepted {
    pub(crate) before: Option<Source>,
    /// Here, the side `upstream` is the new lock, and the side `fragment` is the previous lock.
    pub(crate) changes: BTreeMap<Spot, Sides>,
    /// True if the lock was written; false if it was already up to date.
    pub(crate) written: bool,
}

pub(crate) fn names(upstream: &Facts, fragment: &Facts) -> BTreeMap<String, String> {
    let operations = upstream.iter().chain(fragment);
    operations
        .filter_map(|(operation, places)| {
            Some((operation.clone(), operation_id(places)?.to_owned()))
        })
        .collect()
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(accepted) = &self.accepted {
            self.write_accepted(f, accepted)?;
        }
        let mut last = None;
        for drift in &self.drift {
            self.write_spot(f, &drift.spot, &mut last)?;
            let Sides { upstream, fragment } = &drift.sides;
            writeln!(f, "    upstream: {}", format_value(upstream))?;
            writeln!(f, "    fragment: {}", format_value(fragment))?;
            if let Some(declared) = &drift.declared {
                let Sides { upstream, fragment } = &declared.sides;
                let (upstream, fragment) = (format_value(upstream), format_value(fragment));
                writeln!(f, "    declared: upstream {upstream}; fragment {fragment}")?;
                if drift.kind == Kind::Obsolete {
                    writeln!(f, "              this difference does not exist")?;
                }
                writeln!(f, "    because:  {}", declared.reason)?;
            }
        }
        let Self {
            source,
            drift,
            differences,
            ..
        } = self;
        if drift.is_empty() {
            return writeln!(
                f,
                "no drift from {source}: {differences} differences, all declared"
            );
        }
        let count = |kind| drift.iter().filter(|drift| drift.kind == kind).count();
        writeln!(
            f,
            "\ndrift from {source}: {} undeclared, {} changed, {} obsolete\n\
             update {FRAGMENT} or {LEDGER}",
            count(Kind::Undeclared),
            count(Kind::Changed),
            count(Kind::Obsolete),
        )
    }
}

impl Report {
    fn write_accepted(&self, f: &mut Formatter<'_>, accepted: &Accepted) -> fmt::Result {
        let source = &self.source;
        match &accepted.before {
            _ if !accepted.written => writeln!(f, "{LOCK} is up to date")?,
            Some(before) if before != source => {
                writeln!(f, "wrote {LOCK}: {source} instead of {before}")?;
            }
            _ => writeln!(f, "wrote {LOCK}: {source}")?,
        }
        let mut last = None;
        for (spot, Sides { upstream, fragment }) in &accepted.changes {
            if last.is_none() {
                writeln!(f)?;
            }
            self.write_spot(f, spot, &mut last)?;
            writeln!(f, "    before: {}", format_value(fragment))?;
            writeln!(f, "    now:    {}", format_value(upstream))?;
        }
        writeln!(f)
    }

    /// Writes the place and the aspect. The first spot of an operation gets a heading.
    fn write_spot<'a>(
        &self,
        f: &mut Formatter<'_>,
        spot: &'a Spot,
        last: &mut Option<&'a str>,
    ) -> fmt::Result {
        let Spot {
            operation,
            place,
            aspect,
        } = spot;
        let before = last.replace(operation);
        if before != Some(operation) {
            if before.is_some() {
                writeln!(f)?;
            }
            match self.names.get(operation) {
                Some(name) => writeln!(f, "{operation} ({name})")?,
                None => writeln!(f, "{operation}")?,
            }
        }
        writeln!(f, "  {place}: {aspect}")
    }

    pub(crate) fn to_json(&self) -> Value {
        let drift = self.drift.iter().map(|drift| {
            let mut entry = self.spot_to_json(&drift.spot);
            entry["kind"] = match drift.kind {
                Kind::Undeclared => "undeclared",
                Kind::Changed => "changed",
                Kind::Obsolete => "obsolete",
            }
            .into();
            entry["upstream"] = drift.sides.upstream.clone();
            entry["fragment"] = drift.sides.fragment.clone();
            if let Some(declared) = &drift.declared {
                entry["declared"] = json!({
                    "upstream": declared.sides.upstream,
                    "fragment": declared.sides.fragment,
                    "reason": declared.reason,
                });
            }
            entry
        });
        let mut report = json!({
            "source": self.source,
            "differences": self.differences,
            "drift": drift.collect::<Value>(),
        });
        if let Some(accepted) = &self.accepted {
            let changes = accepted.changes.iter().map(|(spot, sides)| {
                let mut entry = self.spot_to_json(spot);
                entry["before"] = sides.fragment.clone();
                entry["now"] = sides.upstream.clone();
                entry
            });
            report["lock"] = json!({
                "written": accepted.written,
                "before": accepted.before,
                "changes": changes.collect::<Value>(),
            });
        }
        report
    }

    fn spot_to_json(&self, spot: &Spot) -> Value {
        json!({
            "operation": spot.operation,
            "operationId": self.names.get(&spot.operation),
            "place": spot.place,
            "aspect": spot.aspect,
        })
    }
}

/// Formats a value for the text report.
fn format_value(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Array(elements) if elements.iter().all(Value::is_string) && !elements.is_empty() => {
            elements
                .iter()
                .map(format_value)
                .collect::<Vec<_>>()
                .join(", ")
        }
        other => other.to_string(),
    }
}
