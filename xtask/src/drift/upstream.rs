//! Reads a description of GitHub's, from a file or from the web.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::drift::lock::Source;
use crate::fragment::document::text;

/// Enough for 14 MB on a slow line.
const PATIENCE: Duration = Duration::from_secs(300);

/// A description as it was found.
pub(crate) struct Description {
    pub(crate) source: Source,
    pub(crate) document: Value,
}

/// Reads JSON or YAML from a path or an `http(s)` URL.
pub(crate) fn read(path_or_url: &str) -> Result<Description> {
    let text = if path_or_url.starts_with("https://") || path_or_url.starts_with("http://") {
        fetch(path_or_url).with_context(|| format!("failed to fetch {path_or_url}"))?
    } else {
        fs::read_to_string(path_or_url).with_context(|| format!("failed to read {path_or_url}"))?
    };
    parse(&text).with_context(|| format!("failed to understand {path_or_url}"))
}

fn fetch(url: &str) -> Result<String> {
    let client = reqwest::blocking::Client::builder()
        .user_agent(concat!(
            "github-bypass-requests-xtask/",
            env!("CARGO_PKG_VERSION")
        ))
        .timeout(PATIENCE)
        .build()?;
    // The URL stands in the message already.
    let answer = client
        .get(url)
        .send()
        .map_err(reqwest::Error::without_url)?;
    let answer = answer
        .error_for_status()
        .map_err(reqwest::Error::without_url)?;
    Ok(answer.text().map_err(reqwest::Error::without_url)?)
}

fn parse(contents: &str) -> Result<Description> {
    let contents = contents.trim_start_matches('\u{feff}').trim_start();
    let document: Value = if contents.starts_with('{') {
        serde_json::from_str(contents).context("it is not JSON")?
    } else {
        serde_norway::from_str(contents).context("it is not YAML")?
    };
    if !document.get("paths").is_some_and(Value::is_object) {
        bail!("it is not an OpenAPI description: it has no `paths`");
    }
    let of_info = |name| {
        let value = document.get("info").and_then(|info| text(info, name));
        value.map(str::to_owned)
    };
    let source = Source {
        title: of_info("title").ok_or_else(|| anyhow!("it has no `info.title`"))?,
        version: of_info("version").ok_or_else(|| anyhow!("it has no `info.version`"))?,
        edition: edition(&document),
    };
    Ok(Description { source, document })
}

/// The edition as GitHub's documentation names it: `enterprise-cloud@latest`,
/// `enterprise-server@3.17`. It stands nowhere but in the address of the documentation.
fn edition(document: &Value) -> Option<String> {
    let url = text(document.get("externalDocs")?, "url")?;
    let mut segments = url.split('/');
    segments
        .find(|segment| segment.contains('@'))
        .map(str::to_owned)
}
