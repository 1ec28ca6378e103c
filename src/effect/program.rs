//! stub
use super::{Answer, Trouble};
use std::path::PathBuf; use std::time::Duration;
#[derive(Debug)] #[allow(missing_docs)]
pub struct Program { pub path: PathBuf, pub arguments: Vec<String>, pub environment: Vec<(String, String)>, pub directory: PathBuf, pub input: Vec<u8>, pub timeout: Duration }
#[derive(Debug)] #[allow(missing_docs)]
pub struct Meta { pub method: String, pub path_info: String, pub query: String, pub content_type: String, pub content_length: usize, pub script_name: String, pub server_name: String, pub server_port: String, pub extra: Vec<(String,String)> }
#[allow(missing_docs)]
pub fn environment(_m: &Meta) -> Vec<(String,String)> { Vec::new() }
#[allow(missing_docs)]
pub async fn run(_p: &Program) -> Result<Answer, Trouble> { Err(Trouble::Forbidden("stub".into())) }
