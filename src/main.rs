//! The thin binary: everything is in the library.

use std::process::ExitCode;

/// Every answer is made of many small pieces that live as long as it does.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    deity::cli::main()
}
