import React, { useEffect } from 'react';
import { useLocation } from '@docusaurus/router';

const server = 'https://comments.example';
const site = 'blog';

export default function Afterword({ title }) {
  const { pathname } = useLocation();
  // The script defines the element; it is needed once, whichever page comes first.
  useEffect(() => {
    if (customElements.get('afterword-thread') || document.querySelector(`script[src="${server}/embed.js"]`)) return;
    document.head.append(Object.assign(document.createElement('script'), { src: `${server}/embed.js`, async: true }));
  }, []);
  // A new page is a new element.
  return (
    <afterword-thread key={pathname} site={site} page-title={title}>
      <a href={`${server}/thread/${site}`} referrerPolicy="no-referrer-when-downgrade">Read and write comments</a>
    </afterword-thread>
  );
}
