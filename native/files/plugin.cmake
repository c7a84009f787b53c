set(PLUGIN_LIBS z zstd)
