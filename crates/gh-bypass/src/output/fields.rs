//! The fields of `--json`.

use github_bypass_requests::{AnyBypassRequest, Decision};
use serde_json::{Map, Value};

use crate::args::JsonArgs;
use crate::failure::{Failure, Result};
use crate::output::jq::Jq;
use crate::terminal::{Terminal, pager, text};

/// The fields, in GitHub's spelling. The client derives `kind`, `decision` and `locations`.
const FIELDS: [&str; 18] = [
    "kind",
    "id",
    "number",
    "repository",
    "organization",
    "requester",
    "request_type",
    "status",
    "decision",
    "data",
    "locations",
    "resource_identifier",
    "requester_comment",
    "responses",
    "created_at",
    "expires_at",
    "url",
    "html_url",
];

/// The fields to print, and the filter that is applied to them.
pub(crate) struct Json {
    fields: Vec<&'static str>,
    jq: Option<Jq>,
}

impl Json {
    /// Returns `None` without `--json`.
    pub(crate) fn new(args: &JsonArgs) -> Result<Option<Self>> {
        let Some(names) = &args.json else {
            return Ok(None);
        };
        let known = || format!("the fields are:\n  {}", FIELDS.join("\n  "));
        if names.is_empty() {
            return Err(Failure::usage(format!(
                "`--json` takes comma-separated fields; {}",
                known()
            )));
        }
        let fields = names.split(',').map(|name| {
            let field = FIELDS.into_iter().find(|field| *field == name.trim());
            field.ok_or_else(|| Failure::usage(format!("there is no field {name:?}; {}", known())))
        });
        Ok(Some(Self {
            fields: fields.collect::<Result<_>>()?,
            jq: args.jq.as_deref().map(Jq::parse).transpose()?,
        }))
    }

    /// Prints requests as an array.
    pub(crate) fn print_all(
        self,
        terminal: &Terminal,
        requests: &[AnyBypassRequest],
    ) -> Result<()> {
        let requests = requests.iter().map(|request| self.object(request));
        let requests = requests.collect::<Result<_>>()?;
        self.print(terminal, Value::Array(requests))
    }

    /// Prints one request as an object.
    pub(crate) fn print_one(self, terminal: &Terminal, request: &AnyBypassRequest) -> Result<()> {
        let object = self.object(request)?;
        self.print(terminal, object)
    }

    fn print(self, terminal: &Terminal, value: Value) -> Result<()> {
        let json = match self.jq {
            Some(jq) => return jq.print(&value),
            None if terminal.is_terminal() => serde_json::to_string_pretty(&value),
            None => serde_json::to_string(&value),
        };
        pager::show(terminal, &text::json(&json.map_err(Failure::failed)?))
    }

    /// Returns the chosen fields of a request. Fields that GitHub did not send are `null`.
    fn object(&self, request: &AnyBypassRequest) -> Result<Value> {
        let all = serde_json::to_value(request).map_err(Failure::failed)?;
        let mut object = Map::new();
        for field in &self.fields {
            let value = match *field {
                "decision" => request.decision().map(Decision::as_str).into(),
                "locations" => locations(request)?,
                field => all.get(field).cloned().unwrap_or_default(),
            };
            object.insert((*field).to_owned(), value);
        }
        Ok(Value::Object(object))
    }
}

/// Returns the path, line and column of each secret. A location that cannot be parsed is `null`.
fn locations(request: &AnyBypassRequest) -> Result<Value> {
    let AnyBypassRequest::SecretScanning(request) = request else {
        return Ok(Value::Array(Vec::new()));
    };
    let locations: Vec<_> = request
        .data
        .iter()
        .map(|finding| finding.location())
        .collect();
    serde_json::to_value(locations).map_err(Failure::failed)
}
