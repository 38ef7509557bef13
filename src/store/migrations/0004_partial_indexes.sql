DROP INDEX comments_by_parent;
DROP INDEX comments_by_score;
DROP INDEX comments_by_replies;
CREATE INDEX comments_top_by_id ON comments (site_id, thread_id, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_score ON comments (site_id, thread_id, score, id) WHERE parent_id = 0;
CREATE INDEX comments_top_by_replies ON comments (site_id, thread_id, descendant_count, id) WHERE parent_id = 0;
CREATE INDEX comment_details_with_address ON comment_details (comment_id) WHERE address_key <> '';
CREATE INDEX comment_details_removed ON comment_details (removed_at) WHERE removed_at > 0 AND source <> '';
CREATE INDEX votes_with_address ON votes (created_at) WHERE address_key <> '';
