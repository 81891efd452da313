#!/bin/sh
# Becomes LiteLLM, so that signals reach it.
exec litellm "$@"
