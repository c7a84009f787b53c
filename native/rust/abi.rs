// abi.rs - perigee/abi.h for Rust; made by generate, from the header alone.
#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]

pub const PERI_ABI_MAJOR: i32 = 1;
pub const PERI_ABI_MINOR: i32 = 0;
pub const PERI_OK: i32 = 0;
pub const PERI_END: i32 = 1;
pub const PERI_AGAIN: i32 = 2;
pub const PERI_EINVAL: i32 = -1;
pub const PERI_EDATA: i32 = -2;
pub const PERI_ERETRY: i32 = -3;
pub const PERI_EIO: i32 = -4;
pub const PERI_ENOMEM: i32 = -5;
pub const PERI_ECANCEL: i32 = -6;
pub const PERI_EPIPE: i32 = -7;
pub const PERI_EBUG: i32 = -8;
pub const PERI_T_NULL: i32 = 0;
pub const PERI_T_BOOL: i32 = 1;
pub const PERI_T_I8: i32 = 2;
pub const PERI_T_U8: i32 = 3;
pub const PERI_T_I16: i32 = 4;
pub const PERI_T_U16: i32 = 5;
pub const PERI_T_I32: i32 = 6;
pub const PERI_T_U32: i32 = 7;
pub const PERI_T_I64: i32 = 8;
pub const PERI_T_U64: i32 = 9;
pub const PERI_T_F32: i32 = 10;
pub const PERI_T_F64: i32 = 11;
pub const PERI_T_TIME: i32 = 12;
pub const PERI_T_STR: i32 = 13;
pub const PERI_T_BIN: i32 = 14;
pub const PERI_T_JSON: i32 = 15;
pub const PERI_L_VIEW: i32 = 0;
pub const PERI_L_PLAIN: i32 = 1;
pub const PERI_L_DICT: i32 = 2;
pub const PERI_L_SPAN: i32 = 3;
pub const PERI_KEEP_ALL: i32 = 1;
pub const PERI_KEEP_ONLY: i32 = 2;
pub const PERI_KEPT_NAME: [u8; 5usize] = [255u8, 114u8, 111u8, 119u8, 0u8];
pub const PERI_CHUNK_FIRST: i32 = 1;
pub const PERI_CHUNK_LAST: i32 = 2;
pub const PERI_DEBUG: i32 = 0;
pub const PERI_INFO: i32 = 1;
pub const PERI_WARN: i32 = 2;
pub const PERI_ERROR: i32 = 3;
pub const PERI_K_FUNCTION: i32 = 1;
pub const PERI_K_AGGREGATE: i32 = 2;
pub const PERI_K_KERNEL: i32 = 3;
pub const PERI_K_SOURCE: i32 = 4;
pub const PERI_K_SINK: i32 = 5;
pub const PERI_K_DECODER: i32 = 6;
pub const PERI_K_ENCODER: i32 = 7;
pub const PERI_K_TYPE: i32 = 8;
pub const PERI_K_HOOK: i32 = 9;
pub const PERI_K_CLASS: i32 = 10;
pub const PERI_K_METHOD: i32 = 11;
pub const PERI_PURE: i32 = 1;
pub const PERI_TOTAL: i32 = 2;
pub const PERI_STATELESS: i32 = 4;
pub const PERI_KEEPS: i32 = 8;
pub const PERI_WHOLE: i32 = 16;
pub const PERI_ADDS: i32 = 32;
pub const PERI_BYTES: i32 = 64;
pub const PERI_REWINDS: i32 = 128;
pub const PERI_RAGGED: i32 = 1024;
pub const PERI_PLAIN: i32 = 256;
pub const PERI_WITH_CX: i32 = 512;
pub const PERI_MUST: i32 = 32768;
pub const PERI_H_OPEN: i32 = 1;
pub const PERI_H_CLOSE: i32 = 2;
pub const PERI_H_PROCESS: i32 = 3;
pub const PERI_H_FLUSH: i32 = 4;
pub const PERI_H_SPLIT: i32 = 6;
pub const PERI_H_DECODE: i32 = 7;
pub const PERI_H_ENCODE: i32 = 8;
pub const PERI_H_FINISH: i32 = 9;
pub const PERI_H_POLL: i32 = 10;
pub const PERI_H_WRITE: i32 = 11;
pub const PERI_H_PUT: i32 = 12;
pub const PERI_H_STEP: i32 = 13;
pub const PERI_H_JOIN: i32 = 14;
pub const PERI_H_FINAL: i32 = 15;
pub const PERI_H_DROP: i32 = 16;
pub const PERI_H_INIT: i32 = 17;
pub const PERI_H_FINI: i32 = 18;
pub const PERI_H_SCHEMA: i32 = 19;
pub const PERI_H_CREATE: i32 = 20;
pub const PERI_H_DESTROY: i32 = 21;
pub const PERI_H_VIEW: i32 = 22;
pub const PERI_H_PICK: i32 = 23;
pub const PERI_SYMBOL: &[u8; 18usize] = b"perigee_plugin_v1\0";
pub const PERI_NOTE_TYPE: i32 = 1;
pub const PERI_CPU_AVX2: i32 = 1;
pub const PERI_CPU_AVX512: i32 = 2;
pub const PERI_N_FIELDS: i32 = 32;
pub type __int8_t = ::std::os::raw::c_schar;
pub type __uint8_t = ::std::os::raw::c_uchar;
pub type __int16_t = ::std::os::raw::c_short;
pub type __uint16_t = ::std::os::raw::c_ushort;
pub type __int32_t = ::std::os::raw::c_int;
pub type __uint32_t = ::std::os::raw::c_uint;
pub type __int64_t = ::std::os::raw::c_long;
pub type __uint64_t = ::std::os::raw::c_ulong;
pub type peri_status = i32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_str {
    pub ptr: *const ::std::os::raw::c_char,
    pub len: usize,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union peri_slot {
    pub b: u8,
    pub u8_: u8,
    pub i8_: i8,
    pub i16_: i16,
    pub u16_: u16,
    pub i32_: i32,
    pub u32_: u32,
    pub i64_: i64,
    pub u64_: u64,
    pub f32_: f32,
    pub f64_: f64,
    pub str_: peri_str,
    pub ptr: *mut ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct peri_view {
    pub len: i32,
    pub u: peri_view__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union peri_view__bindgen_ty_1 {
    pub in_: [::std::os::raw::c_char; 12usize],
    pub ref_: peri_view__bindgen_ty_1__bindgen_ty_1,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_view__bindgen_ty_1__bindgen_ty_1 {
    pub prefix: [::std::os::raw::c_char; 4usize],
    pub buffer: i32,
    pub offset: i32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_col {
    pub n: i64,
    pub data: *const ::std::os::raw::c_void,
    pub aux: *const ::std::os::raw::c_void,
    pub valid: *const u8,
    pub bit0: i64,
    pub type_: u32,
    pub layout: u32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_batch {
    pub n: i64,
    pub n_cols: i64,
    pub cols: *const peri_col,
    pub names: *const peri_str,
    pub origin: *const ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_field {
    pub name: peri_str,
    pub type_: u32,
    pub index: u32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_chunk {
    pub size: u32,
    pub flags: u32,
    pub bytes: *const ::std::os::raw::c_char,
    pub len: usize,
    pub offset: u64,
    pub stream: u64,
    pub all: u32,
    pub n_fields: u32,
    pub fields: *const peri_field,
    pub head: *const ::std::os::raw::c_char,
    pub head_len: usize,
    pub keep: u32,
    pub n_members: u32,
    pub members: *const peri_member,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_member {
    pub name: peri_str,
    pub as_: peri_str,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_bytes {
    pub at: *mut ::std::os::raw::c_char,
    pub end: *mut ::std::os::raw::c_char,
    pub origin: *mut ::std::os::raw::c_void,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_out {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ArrowSchema {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct ArrowArray {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_services {
    pub size: u32,
    pub abi_minor: u32,
    pub realloc: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            arg2: *mut ::std::os::raw::c_void,
            n: usize,
        ) -> *mut ::std::os::raw::c_void,
    >,
    pub arena: ::std::option::Option<
        unsafe extern "C" fn(arg1: *mut peri_cx, n: usize) -> *mut ::std::os::raw::c_void,
    >,
    pub log: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            level: i32,
            arg2: *const ::std::os::raw::c_char,
            arg3: usize,
        ),
    >,
    pub fail: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            status: peri_status,
            arg2: *const ::std::os::raw::c_char,
            arg3: usize,
        ) -> peri_status,
    >,
    pub out_column: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_out,
            name: *const ::std::os::raw::c_char,
            len: usize,
            type_: u32,
        ) -> i32,
    >,
    pub out_values: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_out,
            column: i32,
            rows: i64,
            valid: *mut *mut u8,
        ) -> *mut ::std::os::raw::c_void,
    >,
    pub out_retype: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_out,
            column: i32,
            type_: u32,
            rows: i64,
            valid: *mut *mut u8,
        ) -> *mut ::std::os::raw::c_void,
    >,
    pub out_heap: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_out,
            n: usize,
            buffer: *mut i32,
        ) -> *mut ::std::os::raw::c_char,
    >,
    pub out_rows: ::std::option::Option<unsafe extern "C" fn(arg1: *mut peri_out, rows: i64)>,
    pub out_pick: ::std::option::Option<
        unsafe extern "C" fn(arg1: *mut peri_out, rows: *const u32, n: i64) -> peri_status,
    >,
    pub out_slice: ::std::option::Option<
        unsafe extern "C" fn(arg1: *mut peri_out, from: i64, n: i64) -> peri_status,
    >,
    pub out_reject: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_out,
            offset: usize,
            len: usize,
            why: *const ::std::os::raw::c_char,
            why_len: usize,
        ),
    >,
    pub grow:
        ::std::option::Option<unsafe extern "C" fn(arg1: *mut peri_bytes, n: usize) -> peri_status>,
    pub arrow: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            arg2: *const peri_batch,
            arg3: *mut ArrowSchema,
            arg4: *mut ArrowArray,
        ) -> peri_status,
    >,
    pub query: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            name: *const ::std::os::raw::c_char,
        ) -> *const ::std::os::raw::c_void,
    >,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_cx {
    pub size: u32,
    pub failed: peri_status,
    pub sv: *const peri_services,
    pub stop: *const i32,
    pub arena: *mut ::std::os::raw::c_char,
    pub arena_end: *mut ::std::os::raw::c_char,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_io {
    pub size: u32,
    pub reserved: u32,
    pub open: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            path: *const ::std::os::raw::c_char,
            flags: i32,
            mode: i32,
        ) -> i32,
    >,
    pub read: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            fd: i32,
            arg2: *mut ::std::os::raw::c_void,
            arg3: usize,
        ) -> i64,
    >,
    pub write: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            fd: i32,
            arg2: *const ::std::os::raw::c_void,
            arg3: usize,
        ) -> i64,
    >,
    pub close: ::std::option::Option<unsafe extern "C" fn(arg1: *mut peri_cx, fd: i32) -> i32>,
    pub length: ::std::option::Option<unsafe extern "C" fn(arg1: *mut peri_cx, fd: i32) -> i64>,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_counts {
    pub size: u32,
    pub reserved: u32,
    pub add: ::std::option::Option<
        unsafe extern "C" fn(
            arg1: *mut peri_cx,
            name: *const ::std::os::raw::c_char,
            len: usize,
            n: u64,
        ),
    >,
}
pub type peri_anyfn = ::std::option::Option<unsafe extern "C" fn()>;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_layout {
    pub decl: *const ::std::os::raw::c_char,
    pub bytes: u32,
    pub align: u32,
    pub n: u32,
    pub reserved: u32,
    pub offsets: *const u32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_item {
    pub kind: u16,
    pub hook: u16,
    pub flags: u32,
    pub decl: *const ::std::os::raw::c_char,
    pub fn_: peri_anyfn,
    pub call: peri_anyfn,
    pub map: peri_anyfn,
    pub params: *const peri_layout,
    pub state: *const peri_layout,
    pub reserved: *const ::std::os::raw::c_void,
}
pub type peri_call_fn = ::std::option::Option<
    unsafe extern "C" fn(arg1: *mut peri_cx, args: *const peri_slot, result: *mut peri_slot),
>;
pub type peri_map_fn = ::std::option::Option<
    unsafe extern "C" fn(
        arg1: *mut peri_cx,
        n: i64,
        args: *const peri_col,
        out: *mut ::std::os::raw::c_void,
        valid: *mut u8,
    ),
>;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_array {
    pub ptr: *mut ::std::os::raw::c_void,
    pub len: usize,
    pub type_: u32,
    pub writable: u32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_poll {
    pub size: u32,
    pub flags: u32,
    pub room: *mut ::std::os::raw::c_char,
    pub room_len: usize,
    pub len: usize,
    pub name: peri_str,
    pub done: u64,
    pub total: u64,
    pub wait_ns: u64,
    pub in_file: u32,
    pub fd: i32,
    pub at: u64,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_plugin {
    pub abi_major: u32,
    pub target_minor: u32,
    pub name: *const ::std::os::raw::c_char,
    pub version: *const ::std::os::raw::c_char,
    pub author: *const ::std::os::raw::c_char,
    pub license: *const ::std::os::raw::c_char,
    pub about: *const ::std::os::raw::c_char,
    pub items: *const peri_item,
    pub items_end: *const peri_item,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct peri_note {
    pub namesz: u32,
    pub descsz: u32,
    pub type_: u32,
    pub owner: [::std::os::raw::c_char; 8usize],
    pub abi_major: u16,
    pub target_minor: u16,
    pub ptr_size: u8,
    pub big_endian: u8,
    pub size_long: u8,
    pub size_wchar: u8,
    pub cpu: u32,
    pub n_fields: u32,
    pub name: [::std::os::raw::c_char; 40usize],
    pub version: [::std::os::raw::c_char; 24usize],
    pub fields: [[u16; 2usize]; 32usize],
}
// Offset and size of the fields that PERI_LAYOUT lists, in its order.
pub const PERI_LAYOUT: [[u16; 2]; PERI_N_FIELDS as usize] = [
    [8, 8],
    [0, 16],
    [4, 12],
    [8, 8],
    [16, 8],
    [24, 8],
    [32, 8],
    [44, 4],
    [8, 8],
    [16, 8],
    [24, 8],
    [32, 8],
    [16, 4],
    [8, 8],
    [16, 8],
    [24, 8],
    [48, 8],
    [8, 8],
    [8, 8],
    [48, 8],
    [120, 8],
    [8, 8],
    [16, 8],
    [32, 8],
    [24, 8],
    [4, 4],
    [16, 8],
    [48, 8],
    [8, 8],
    [64, 8],
    [48, 8],
    [56, 8],
];
