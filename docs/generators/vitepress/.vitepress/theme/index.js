import { h } from 'vue';
import DefaultTheme from 'vitepress/theme';
import Afterword from './Afterword.vue';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-after': () => h(Afterword) }),
};
