set(PLUGIN_LIBS pcre2-8)
