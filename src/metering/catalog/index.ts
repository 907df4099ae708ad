export { listedAliases, meantModel } from './aliases.ts'
export { readCatalog } from './catalog.ts'
export { enabledModels, type ModelFacts, modelFacts } from './model-facts.ts'
export { catalogEndpoints } from './routes.ts'
