import React from 'react';
import Footer from '@theme-original/DocItem/Footer';
import { useDoc } from '@docusaurus/plugin-content-docs/client';
import Afterword from '@site/src/components/Afterword';

export default function FooterWithComments(props) {
  const { metadata } = useDoc();
  return (
    <>
      <Footer {...props} />
      <Afterword title={metadata.title} />
    </>
  );
}
