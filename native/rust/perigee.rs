// perigee.rs - macros for plugins in Rust, over abi.rs; no crates.  rustc 1.63 and
// newer.
//
//   #[path = "/usr/share/perigee/rust/perigee.rs"]
//   #[macro_use]
//   mod perigee;
//
//   function! { "Smaller of two integers." fn min(a: i32, b: i32) -> i32 { a.min(b) } }
//   plugin! { "minmax", "1.0.0", "Ann", "MIT", "The smaller one.", [min::ITEM] }
//
//   rustc --edition 2021 -O --crate-type cdylib minmax.rs -o minmax.so
//
// Types: bool i8 u8 i16 u16 i32 u32 i64 u64 f32 f64, and str, which is a
// peri_str in the body.  Stages and aggregates are written against abi.rs:
// structs with repr(C), items by item(), hooks whose body is in guard().
#![allow(dead_code, unused_macros)]

#[path = "abi.rs"]
pub mod abi;

pub use abi::*;
pub use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What only the host reads: raw pointers to what never changes.
#[repr(transparent)]
pub struct Shared<T>(pub T);
unsafe impl<T> Sync for Shared<T> {}

pub const fn chars<const N: usize>(text: &str) -> [c_char; N] {
    let bytes = text.as_bytes();
    assert!(bytes.len() < N, "the name or the version is too long");
    let mut out = [0; N];
    let mut i = 0;
    while i < bytes.len() {
        out[i] = bytes[i] as c_char;
        i += 1;
    }
    out
}

/// A C string from literals.
#[macro_export]
macro_rules! text {
    ($($part:expr),+) => { concat!($($part,)+ "\0").as_ptr() as *const $crate::perigee::c_char };
}

/// A function as the contract stores it.
#[macro_export]
macro_rules! any {
    ($f:expr) => {
        unsafe { ::std::mem::transmute::<*const (), $crate::perigee::peri_anyfn>($f as *const ()) }
    };
}

pub const fn item(kind: i32, flags: i32, decl: *const c_char) -> peri_item {
    peri_item {
        kind: kind as u16,
        hook: 0,
        flags: flags as u32,
        decl,
        fn_: None,
        call: None,
        map: None,
        params: std::ptr::null(),
        state: std::ptr::null(),
        reserved: std::ptr::null(),
    }
}

/// The hook `number` of the item that has the same `decl`.
pub const fn hook(number: i32, decl: *const c_char, f: peri_anyfn) -> peri_item {
    peri_item { hook: number as u16, fn_: f, ..item(PERI_K_HOOK, 0, decl) }
}

/// The layout of a struct whose fields, in `decl`, lie at `offsets`.
pub const fn layout<T>(decl: *const c_char, offsets: &'static [u32]) -> peri_layout {
    peri_layout {
        decl,
        bytes: std::mem::size_of::<T>() as u32,
        align: std::mem::align_of::<T>() as u32,
        n: offsets.len() as u32,
        reserved: 0,
        offsets: offsets.as_ptr(),
    }
}

// ------------------------------------------------------------------ services

pub unsafe fn services<'a>(cx: *mut peri_cx) -> &'a peri_services {
    &*(*cx).sv
}

/// Says why the call fails.
pub unsafe fn fail(cx: *mut peri_cx, status: peri_status, why: &str) -> peri_status {
    (services(cx).fail.unwrap())(cx, status, why.as_ptr() as *const c_char, why.len())
}

/// A copy that lives until the call returns.
pub unsafe fn text_for(cx: *mut peri_cx, text: &[u8]) -> peri_str {
    let room = (services(cx).arena.unwrap())(cx, text.len() + 1) as *mut u8;
    if room.is_null() {
        fail(cx, PERI_ENOMEM, "no memory for a text");
        return peri_str { ptr: b"".as_ptr() as *const c_char, len: 0 };
    }
    std::ptr::copy_nonoverlapping(text.as_ptr(), room, text.len());
    peri_str { ptr: room as *const c_char, len: text.len() }
}

/// Runs `body`; a panic becomes a failure, so that nothing unwinds into the host.
pub unsafe fn guard(cx: *mut peri_cx, body: impl FnOnce() -> peri_status) -> peri_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(status) => status,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(|s| s.as_str());
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            fail(cx, PERI_EBUG, said.unwrap_or("panicked"))
        }
    }
}

impl peri_str {
    /// [borrow] as long as what it points to.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        match self.len {
            0 => &[],
            len => std::slice::from_raw_parts(self.ptr as *const u8, len),
        }
    }
}

impl peri_col {
    pub unsafe fn is_valid(&self, row: i64) -> bool {
        let bit = self.bit0 + row;
        self.valid.is_null() || (*self.valid.offset((bit >> 3) as isize) >> (bit & 7)) & 1 == 1
    }

    /// The row of a str, bin or json column, whatever its layout.
    pub unsafe fn text(&self, row: i64) -> peri_str {
        let (column, row) = match self.layout as i32 {
            PERI_L_DICT => (
                &*(self.aux as *const peri_col),
                *(self.data as *const i32).offset(row as isize) as isize,
            ),
            _ => (self, row as isize),
        };
        match column.layout as i32 {
            PERI_L_SPAN => *(column.data as *const peri_str).offset(row),
            PERI_L_PLAIN => {
                let at = (column.aux as *const i32).offset(row);
                let start = (column.data as *const c_char).offset(*at as isize);
                peri_str { ptr: start, len: (*at.add(1) - *at) as usize }
            }
            _ => {
                let view = &*(column.data as *const peri_view).offset(row);
                let buffers = column.aux as *const *const c_char;
                let ptr = match view.len {
                    0..=12 => view.u.in_.as_ptr(),
                    _ => (*buffers.offset(view.u.ref_.buffer as isize))
                        .offset(view.u.ref_.offset as isize),
                };
                peri_str { ptr, len: view.len as usize }
            }
        }
    }
}

// ----------------------------------------------------------------- functions

/// A type of functions: in a slot, in a row of a column, in a row of results.
pub trait Value: Copy {
    unsafe fn get(slot: &peri_slot) -> Self;
    unsafe fn set(self, slot: *mut peri_slot);
    unsafe fn row(column: &peri_col, row: i64) -> Self;
}

macro_rules! values {
    ($($type:ty: $field:ident),*) => { $(impl Value for $type {
        unsafe fn get(slot: &peri_slot) -> Self { slot.$field }
        unsafe fn set(self, slot: *mut peri_slot) { (*slot).$field = self }
        unsafe fn row(column: &peri_col, row: i64) -> Self {
            *(column.data as *const Self).offset(row as isize)
        }
    })* };
}
values! { i8: i8_, u8: u8_, i16: i16_, u16: u16_, i32: i32_, u32: u32_, i64: i64_, u64: u64_,
f32: f32_, f64: f64_ }

impl Value for bool {
    unsafe fn get(slot: &peri_slot) -> Self {
        slot.b != 0
    }
    unsafe fn set(self, slot: *mut peri_slot) {
        (*slot).b = self as u8
    }
    unsafe fn row(column: &peri_col, row: i64) -> Self {
        *(column.data as *const u8).offset(row as isize) != 0
    }
}

impl Value for peri_str {
    unsafe fn get(slot: &peri_slot) -> Self {
        slot.str_
    }
    unsafe fn set(self, slot: *mut peri_slot) {
        (*slot).str_ = self
    }
    unsafe fn row(column: &peri_col, row: i64) -> Self {
        column.text(row)
    }
}

#[macro_export]
macro_rules! rust_type {
    (str) => { $crate::perigee::peri_str };
    ($type:ident) => { $type };
}

/// "(a: i32, b: i32)"
#[macro_export]
macro_rules! signature {
    () => { "()" };
    ($first:ident: $type:ident $(, $arg:ident: $more:ident)*) => {
        concat!("(", stringify!($first), ": ", stringify!($type),
            $(", ", stringify!($arg), ": ", stringify!($more),)* ")")
    };
}

/// A pure function, which also runs over whole columns.  The host may call it
/// by itself: it must not panic (it would end the process).
#[macro_export]
macro_rules! function {
    ($doc:literal fn $name:ident($($arg:ident: $type:ident),*) -> $out:ident $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::perigee::*;

            #[inline]
            #[allow(improper_ctypes_definitions)]
            extern "C" fn plain($($arg: rust_type!($type)),*) -> rust_type!($out) $body

            unsafe extern "C" fn call(
                _: *mut peri_cx, args: *const peri_slot, result: *mut peri_slot,
            ) {
                let mut _at = args;
                $(let $arg = <rust_type!($type)>::get(&*_at); _at = _at.add(1);)*
                plain($($arg),*).set(result);
            }

            // What is null is not computed.
            unsafe extern "C" fn map(
                _: *mut peri_cx, n: i64, args: *const peri_col, out: *mut c_void, _: *mut u8,
            ) {
                let out = out as *mut rust_type!($out);
                let mut _at = args;
                $(let $arg = &*_at; _at = _at.add(1);)*
                if true $(&& $arg.valid.is_null())* {
                    for i in 0..n {
                        *out.offset(i as isize) = plain($(<rust_type!($type)>::row($arg, i)),*);
                    }
                    return;
                }
                for i in 0..n {
                    if true $(&& $arg.is_valid(i))* {
                        *out.offset(i as isize) = plain($(<rust_type!($type)>::row($arg, i)),*);
                    }
                }
            }

            pub const ITEM: peri_item = peri_item {
                fn_: any!(plain),
                call: any!(call),
                map: any!(map),
                ..item(PERI_K_FUNCTION, PERI_PURE | PERI_PLAIN, text!("function ",
                    stringify!($name), signature!($($arg: $type),*), " -> ", stringify!($out),
                    "\n", $doc))
            };
        }
    };
}

/// A function that may fail, allocate and panic: gets `cx` first and gives a
/// Result, whose error is a String or a literal.
#[macro_export]
macro_rules! function_cx {
    ($doc:literal fn $name:ident($cx:ident $(, $arg:ident: $type:ident)*) -> $out:ident $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::perigee::*;

            unsafe fn body($cx: *mut peri_cx $(, $arg: rust_type!($type))*)
                -> Result<rust_type!($out), String> $body

            unsafe extern "C" fn call(
                cx: *mut peri_cx, args: *const peri_slot, result: *mut peri_slot,
            ) {
                guard(cx, || {
                    let mut _at = args;
                    $(let $arg = <rust_type!($type)>::get(&*_at); _at = _at.add(1);)*
                    match body(cx $(, $arg)*) {
                        Ok(value) => { value.set(result); PERI_OK }
                        Err(why) => fail(cx, PERI_EINVAL, &why),
                    }
                });
            }

            pub const ITEM: peri_item = peri_item {
                fn_: any!(call),
                call: any!(call),
                ..item(PERI_K_FUNCTION, 0, text!("function ", stringify!($name),
                    signature!($($arg: $type),*), " -> ", stringify!($out), "\n", $doc))
            };
        }
    };
}

/// The one object that a plugin exports, and the note that is read before.
#[macro_export]
macro_rules! plugin {
    ($name:literal, $version:literal, $author:literal, $license:literal, $about:literal,
     [$($item:expr),+ $(,)?]) => {
        const ITEM_COUNT: usize = [$(stringify!($item)),+].len();
        static ITEMS: $crate::perigee::Shared<[$crate::perigee::peri_item; ITEM_COUNT]> =
            $crate::perigee::Shared([$($item),+]);

        #[used]
        #[link_section = ".note.perigee"]
        static NOTE: $crate::perigee::peri_note =
            $crate::perigee::note($crate::perigee::chars($name), $crate::perigee::chars($version));

        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static perigee_plugin_v1: $crate::perigee::Shared<$crate::perigee::peri_plugin> =
            $crate::perigee::Shared($crate::perigee::peri_plugin {
                abi_major: $crate::perigee::PERI_ABI_MAJOR as u32,
                target_minor: 0,
                name: text!($name),
                version: text!($version),
                author: text!($author),
                license: text!($license),
                about: text!($about),
                items: &ITEMS.0 as *const $crate::perigee::peri_item,
                items_end: unsafe {
                    (&ITEMS.0 as *const $crate::perigee::peri_item).add(ITEM_COUNT)
                },
            });
    };
}

pub const fn note(name: [c_char; 40], version: [c_char; 24]) -> peri_note {
    peri_note {
        namesz: 8,
        descsz: std::mem::size_of::<peri_note>() as u32 - 20,
        type_: PERI_NOTE_TYPE as u32,
        owner: chars("perigee"),
        abi_major: PERI_ABI_MAJOR as u16,
        target_minor: 0,
        ptr_size: std::mem::size_of::<usize>() as u8,
        big_endian: cfg!(target_endian = "big") as u8,
        size_long: std::mem::size_of::<std::os::raw::c_long>() as u8,
        size_wchar: 4,
        cpu: if cfg!(target_feature = "avx512f") {
            (PERI_CPU_AVX2 | PERI_CPU_AVX512) as u32
        } else if cfg!(target_feature = "avx2") {
            PERI_CPU_AVX2 as u32
        } else {
            0
        },
        n_fields: PERI_N_FIELDS as u32,
        name,
        version,
        fields: PERI_LAYOUT,
    }
}
