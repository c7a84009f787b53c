// plain.rs - plain.c in Rust, as the seed wrote it.
type MinFunction = unsafe extern "C" fn(i32, i32) -> i32;

#[no_mangle]
pub static with_static: MinFunction = min;

pub extern "C" fn min(a: i32, b: i32) -> i32 {
    a.min(b)
}

#[no_mangle]
pub extern "C" fn with_extern(a: i32, b: i32) -> i32 {
    a.min(b)
}
