//! Reads a description from a file or a URL.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::drift::lock::Source;
use crate::fragment::document::text;

/// Enough time to download 14 MB over a slow connection.
const TIMEOUT: Duration = Duration::from_secs(300);

/// An OpenAPI description.
pub(crate) struct Description {
    pub(crate) source: Source,
    pub(crate) document: Value,
}

/// Reads a description, as JSON or YAML, from a path or an HTTP(S) URL.
pub(crate) fn read(path_or_url: &str) -> Result<Description> {
    let text = if path_or_url.starts_with("https://") || path_or_url.starts_with("http://") {
        fetch(path_or_url).with_context(|| format!("failed to fetch {path_or_url}"))?
    } else {
        fs::read_to_string(path_or_url).with_context(|| format!("failed to read {path_or_url}"))?
    };
    parse(&text).with_context(|| format!("failed to parse {path_or_url}"))
}

fn fetch(url: &str) -> Result<String> {
    let client = reqwest::blocking::Client::builder()
        .user_agent(concat!(
            "github-bypass-requests-xtask/",
            env!("CARGO_PKG_VERSION")
        ))
        .timeout(TIMEOUT)
        .build()?;
    // The caller adds the URL to the error.
    let response = client
        .get(url)
        .send()
        .map_err(reqwest::Error::without_url)?;
    let response = response
        .error_for_status()
        .map_err(reqwest::Error::without_url)?;
    Ok(response.text().map_err(reqwest::Error::without_url)?)
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

/// Returns the edition as GitHub's documentation names it, such as `enterprise-cloud@latest` or
/// `enterprise-server@3.17`. A description contains its edition only in the URL of its
/// documentation.
fn edition(document: &Value) -> Option<String> {
    let url = text(document.get("externalDocs")?, "url")?;
    let mut segments = url.split('/');
    segments
        .find(|segment| segment.contains('@'))
        .map(str::to_owned)
}
