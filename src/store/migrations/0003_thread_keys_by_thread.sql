CREATE INDEX thread_keys_by_thread ON thread_keys (site_id, thread_id, page_key);
