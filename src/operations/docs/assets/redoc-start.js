Redoc.init('openapi.json', { hideDownloadButtons: false }, document.getElementById('redoc'))
