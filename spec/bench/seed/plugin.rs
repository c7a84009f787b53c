// plugin.rs - plugin.c in Rust.
#[path = "../../../native/rust/perigee.rs"]
#[macro_use]
mod perigee;
use perigee::*;

function! { "Smaller of two integers."
fn min(a: i32, b: i32) -> i32 { a.min(b) } }

function_cx! { "Smaller of two, element by element; how many."
fn min_into(_cx, a: list_i32, b: list_i32, out: buf_i32) -> i64 {
    if out.len < a.len.min(b.len) {
        return Err("the result does not fit".into());
    }
    let n = a.len.min(b.len);
    for i in 0..n {
        *out.ptr.add(i) = (*a.ptr.add(i)).min(*b.ptr.add(i));
    }
    Ok(n as i64)
} }

plugin! { "seed", "1.0.0", "perigee authors", "MIT", "The seed's function.",
    [min::ITEM, min_into::ITEM] }
