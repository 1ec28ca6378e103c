//! stub
use super::Trouble; use std::time::Duration;
#[derive(Clone, Debug)] #[allow(missing_docs)]
pub struct Smtp;
impl std::str::FromStr for Smtp { type Err = String; fn from_str(_: &str) -> Result<Self, String> { Ok(Smtp) } }
#[derive(Debug)] #[allow(missing_docs)]
pub struct Mail { pub from: String, pub to: String, pub subject: String, pub text: String, pub id: String }
impl Smtp { #[allow(missing_docs)] pub async fn send(&self, _m: &Mail, _t: Duration) -> Result<(), Trouble> { Ok(()) } }
