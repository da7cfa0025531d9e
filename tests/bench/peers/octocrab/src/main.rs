//! Reads all requests of an organization, page after page, with octocrab.

use std::error::Error;

use bench_model::BypassRequest;
use octocrab::{Octocrab, Page};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let base_url = std::env::args()
        .nth(1)
        .ok_or("usage: by-octocrab BASE_URL")?;
    let client = Octocrab::builder()
        .base_uri(base_url)?
        .personal_token("ghp_benchmark")
        .build()?;
    let route = "/orgs/octo-org/bypass-requests/secret-scanning?time_period=month&per_page=100";
    let mut page: Page<BypassRequest> = client.get(route, None::<&()>).await?;
    let mut count = 0_u64;
    loop {
        for request in page.take_items() {
            count += u64::from(request.id > 0);
        }
        match client.get_page(&page.next).await? {
            Some(next) => page = next,
            None => break,
        }
    }
    println!("{count}");
    Ok(())
}
