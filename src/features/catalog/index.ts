export { type ModelFacts, modelFacts } from './model-facts.ts'
