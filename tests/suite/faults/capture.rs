//! Captures what the client and its dependencies log with `tracing` and `log`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{Debug, Write};
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Captures the log of this thread, at all levels, until this value is dropped.
///
/// A test on a current-thread runtime logs everything on this thread.
pub(crate) struct Capture(());

impl Capture {
    pub(crate) fn start() -> Self {
        LazyLock::force(&INSTALLED);
        LOG.set(Some(Log::default()));
        Self(())
    }

    /// Returns the log, with one line per span, event or record.
    pub(crate) fn text(&self) -> String {
        LOG.with_borrow(Clone::clone).unwrap_or_default().lines
    }

    /// Returns the spans and events of the client.
    pub(crate) fn records(&self) -> Vec<Logged> {
        LOG.with_borrow(Clone::clone).unwrap_or_default().records
    }
}

/// A span or an event of the client, without the values of its fields.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    /// The name of a span, or the message of an event.
    pub(crate) name: String,
    pub(crate) fields: BTreeSet<&'static str>,
    /// The path of the source file, and the line.
    pub(crate) callsite: (&'static str, u32),
}

#[derive(Clone, Default)]
struct Log {
    lines: String,
    records: Vec<Logged>,
}

impl Drop for Capture {
    fn drop(&mut self) {
        LOG.set(None);
    }
}

thread_local! {
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Installs one recorder for all threads.
///
/// `tracing` decides only once, for all threads, whether a callsite is enabled. Suppose that each
/// test had its own recorder. If a thread without a recorder reached a callsite first, `tracing`
/// would disable the callsite for all tests.
static INSTALLED: LazyLock<()> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Recorder).expect("no other recorder");
    log::set_logger(&Recorder).expect("no other recorder");
    log::set_max_level(log::LevelFilter::Trace);
});

struct Recorder;

fn is_capturing() -> bool {
    LOG.with_borrow(Option::is_some)
}

fn push(line: &str) {
    LOG.with_borrow_mut(|log| {
        if let Some(Log { lines, .. }) = log {
            lines.push_str(line);
            lines.push('\n');
        }
    });
}

/// Keeps a span or an event if the client logged it.
fn push_record(metadata: &'static Metadata<'static>, name: String) {
    let module = metadata.module_path().unwrap_or_default();
    if module.split("::").next() != Some("github_bypass_requests") {
        return;
    }
    let fields = metadata.fields().iter().map(|field| field.name());
    let record = Logged {
        target: metadata.target(),
        level: *metadata.level(),
        name,
        fields: fields.filter(|field| *field != "message").collect(),
        callsite: (
            metadata.file().unwrap_or_default(),
            metadata.line().unwrap_or_default(),
        ),
    };
    LOG.with_borrow_mut(|log| {
        if let Some(Log { records, .. }) = log {
            records.push(record);
        }
    });
}

fn write_line(kind: &str, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Line)) {
    if is_capturing() {
        let target = metadata.map_or("", Metadata::target);
        let mut line = Line(format!("{kind} {target}"));
        record(&mut line);
        push(&line.0);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let metadata = span.metadata();
        write_line("span", Some(metadata), |line| span.record(line));
        push_record(metadata, metadata.name().to_owned());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        write_line("record", None, |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        write_line("event", Some(metadata), |line| event.record(line));
        let mut message = Message::default();
        event.record(&mut message);
        push_record(metadata, message.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        is_capturing()
    }

    fn log(&self, record: &log::Record<'_>) {
        if is_capturing() {
            push(&format!("log {} {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").expect("a string");
    }

    /// Writes the value without quotes and escapes, so that a search finds the secrets in it.
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").expect("a string");
    }
}

/// The message of an event.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
