//! Reads all requests of an organization, page after page, with reqwest and serde.

use std::error::Error;

use bench_model::BypassRequest;
use reqwest::header::{ACCEPT, HeaderMap, LINK};
use reqwest::{Client, Url};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base_url = std::env::args().nth(1).ok_or("usage: by-hand BASE_URL")?;
    let client = Client::builder().user_agent("by-hand").no_proxy().build()?;
    let first = format!(
        "{base_url}/orgs/octo-org/bypass-requests/secret-scanning?time_period=month&per_page=100"
    );
    let mut next = Some(Url::parse(&first)?);
    let mut count = 0_u64;
    while let Some(url) = next {
        let response = client
            .get(url)
            .header(ACCEPT, "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28")
            .bearer_auth("ghp_benchmark")
            .send()
            .await?
            .error_for_status()?;
        next = next_page(response.headers())?;
        let body = response.bytes().await?;
        for request in serde_json::from_slice::<Vec<BypassRequest>>(&body)? {
            count += u64::from(request.id > 0);
        }
    }
    println!("{count}");
    Ok(())
}

fn next_page(headers: &HeaderMap) -> Result<Option<Url>, Box<dyn Error>> {
    let Some(link) = headers.get(LINK) else {
        return Ok(None);
    };
    let next = link
        .to_str()?
        .split(", ")
        .filter_map(|link| link.split_once("; "))
        .find(|(_, relation)| *relation == "rel=\"next\"")
        .map(|(target, _)| target.trim_start_matches('<').trim_end_matches('>'));
    Ok(next.map(Url::parse).transpose()?)
}
