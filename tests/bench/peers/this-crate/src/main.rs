//! Reads all requests of an organization: `by-this-crate BASE_URL [PAGES_TO_READ_AHEAD]`.

use github_bypass_requests::{Client, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let base_url = arguments.next().unwrap_or_default();
    let client = Client::builder()
        .token("ghp_benchmark")
        .base_url(base_url)
        .build()?;
    let read_ahead = arguments.next().and_then(|pages| pages.parse().ok());
    let list = client
        .organization("octo-org")
        .secret_scanning()
        .list()
        .read_ahead(read_ahead.unwrap_or(0));
    let mut count = 0_u64;
    let mut requests = list.clone().stream();
    // A stream fails after a thousand pages. Resume it at its position to read a longer list.
    loop {
        loop {
            match requests.try_next().await {
                Ok(Some(request)) => count += u64::from(request.id.get() > 0),
                Ok(None) => break,
                Err(error) if error.is_pagination() => break,
                Err(error) => return Err(error),
            }
        }
        let Some(position) = requests.position() else {
            break;
        };
        requests = list.clone().resume(position).stream();
    }
    println!("{count}");
    Ok(())
}
