// The demo's link carries its secret behind the '#', which a browser sends to no server: it is posted from here.
const secret = new URLSearchParams(location.hash.slice(1)).get('demo');
if (secret) {
  history.replaceState(null, '', location.pathname);
  const form = document.getElementById('demo-form');
  form.querySelector('input[name="Demo.Secret"]').value = secret;
  form.submit();
}
