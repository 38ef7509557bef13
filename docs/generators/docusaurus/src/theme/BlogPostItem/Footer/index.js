import React from 'react';
import Footer from '@theme-original/BlogPostItem/Footer';
import { useBlogPost } from '@docusaurus/plugin-content-blog/client';
import Afterword from '@site/src/components/Afterword';

export default function FooterWithComments(props) {
  const { isBlogPostPage, metadata } = useBlogPost();
  return (
    <>
      <Footer {...props} />
      {isBlogPostPage && <Afterword title={metadata.title} />}
    </>
  );
}
