<?php
/* The comment thread of a post or page. */

defined( 'ABSPATH' ) || exit;

if ( post_password_required() ) {
	return;
}
$page = get_permalink();
?>
<div id="comments" class="comments-area">
	<afterword-thread site="<?php echo esc_attr( AFTERWORD_SITE ); ?>" page-url="<?php echo esc_attr( $page ); ?>" page-title="<?php echo esc_attr( wp_strip_all_tags( get_the_title() ) ); ?>">
		<a href="<?php echo esc_url( AFTERWORD_SERVER . '/thread/' . AFTERWORD_SITE . '?page=' . rawurlencode( $page ) ); ?>">Read and write comments</a>
	</afterword-thread>
	<script async src="<?php echo esc_url( AFTERWORD_SERVER . '/embed.js' ); ?>" data-site="<?php echo esc_attr( AFTERWORD_SITE ); ?>"></script>
</div>
