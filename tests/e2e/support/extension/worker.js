// What the tests want of a tab, they run in here.
