//! The wall clock of a history. It follows tokio's paused clock, so that a seed replays exactly.
//!
//! The client compares the local time with the server's. With the real clock, a delay would differ
//! by microseconds from run to run, and would sometimes be rounded to another millisecond. So this
//! program has its own `clock_gettime`, which the standard library calls. On systems other than
//! Linux, the real clock is used, and a few seeds do not replay.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// The time at the start of every history: 2026-03-02 09:00:00 UTC.
const START: i64 = 1_772_442_000;

thread_local! {
    static STARTED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Starts the simulated time of this thread, which must be in a runtime with paused time.
pub(crate) fn start() {
    STARTED.set(Some(Instant::now()));
}

/// Ends the simulated time of this thread.
pub(crate) fn stop() {
    STARTED.set(None);
}

/// Returns the time at the start of the history.
pub(crate) fn beginning() -> DateTime<Utc> {
    if cfg!(target_os = "linux") {
        DateTime::from_timestamp(START, 0).expect("a date")
    } else {
        Utc::now() - STARTED.get().expect("a started history").elapsed()
    }
}

/// Replaces the C library's function of the same name.
#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    reason = "the standard library offers no other way to replace its clock"
)]
#[unsafe(no_mangle)]
extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    match STARTED.get() {
        Some(started) if clock == libc::CLOCK_REALTIME => {
            let elapsed = started.elapsed();
            // SAFETY: the caller passes a valid pointer, as the C library requires.
            unsafe {
                (*time).tv_sec = START + elapsed.as_secs() as libc::time_t;
                (*time).tv_nsec = elapsed.subsec_nanos() as libc::c_long;
            }
            0
        }
        // SAFETY: the arguments are those of the caller, and the system checks them.
        _ => unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) as libc::c_int },
    }
}
