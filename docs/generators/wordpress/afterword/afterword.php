<?php
/**
 * Plugin Name: Afterword
 * Description: The comment thread of your own Afterword server in the place of the built-in comments.
 * Version: 1.0
 * License: MIT
 */

defined( 'ABSPATH' ) || exit;

/* Set both in wp-config.php, or here. */
defined( 'AFTERWORD_SERVER' ) || define( 'AFTERWORD_SERVER', 'https://comments.example' );
defined( 'AFTERWORD_SITE' ) || define( 'AFTERWORD_SITE', 'blog' );

/* Themes ask for the comments by comments_template(): they get ours instead of their own. */
add_filter( 'comments_template', function () {
	return __DIR__ . '/thread.php';
} );

/* Block themes: a Shortcode block with [afterword] where the Comments block stood. */
add_shortcode( 'afterword', function () {
	ob_start();
	require __DIR__ . '/thread.php';
	return ob_get_clean();
} );
