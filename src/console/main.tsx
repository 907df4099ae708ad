import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/tables.css'
import './styles/parts.css'
import './styles/layout.css'
import './styles/charts.css'
import { render } from 'preact'
import { App } from './app.tsx'
import './lib/mail-token.ts'
import './lib/theme.ts'

const root = document.getElementById('app')
if (root) render(<App />, root)
