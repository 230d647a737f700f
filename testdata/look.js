// What is wrong with a page on a small phone. The debugger runs it, in a page whose own scripts do not run.
(() => {
const phone = 360, target = 48
const controls = 'a[href], button, summary, select, textarea, input:not([type=hidden])'

function words(text) { return text.trim().replace(/\s+/g, ' ').slice(0, 40) }

function shown(element) { return element.getClientRects().length > 0 }

// inSentence: a link among words that go on around it is no target by itself (WCAG 2.2, 2.5.8).
function inSentence(element) {
  if (element.tagName != 'A' || getComputedStyle(element).display != 'inline') return false
  const block = blockOf(element), walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (/[，。；！？]/.test(node.data) && !node.parentElement.closest('a') && blockOf(node) == block) return true
  }
  return false
}

function blockOf(node) {
  let block = node.parentElement
  while (getComputedStyle(block).display == 'inline') block = block.parentElement
  return block
}

// cutBy is the box that hides a part of the text, or out of whose border it grows.
function cutBy(element, rect) {
  let nearest = true
  for (let box = element; box && box != document.body; box = box.parentElement) {
    const style = getComputedStyle(box)
    if (style.display == 'inline' || style.display == 'contents') continue
    const inside = box.getBoundingClientRect()
    const aside = rect.left < inside.left - 1 || rect.right > inside.right + 1
    const below = rect.top < inside.top - 1 || rect.bottom > inside.bottom + 1
    if (nearest && aside || style.overflowX != 'visible' && aside || style.overflowY != 'visible' && below) return box
    nearest = false
  }
}

function measureTexts(faults) {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const range = document.createRange()
  let texts = 0
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || element.closest('.skip, option, style, script')) continue
    range.selectNodeContents(node)
    for (const rect of range.getClientRects()) {
      if (rect.width == 0) continue
      texts++
      const box = cutBy(element, rect)
      if (rect.left < -0.5 || rect.right > phone + 0.5) faults.push(`beyond the edge: ${words(node.data)}`)
      else if (box) faults.push(`cut by ${box.tagName}: ${words(node.data)}`)
    }
  }
  return texts
}

function measureControls(faults) {
  let found = 0
  for (const element of document.querySelectorAll(controls)) {
    if (element.matches('.skip')) element.focus() // it comes forth when somebody goes by keys
    const box = element.matches('[type=radio], [type=checkbox]') && element.closest('label') || element
    if (!shown(box) || inSentence(element)) continue
    const { width, height, left, right } = box.getBoundingClientRect()
    found++
    const name = `${element.tagName} ${words(box.textContent || element.name)}`
    if (height < target - 0.01 || width < target - 0.01) faults.push(`too small, ${Math.round(width)} x ${Math.round(height)}: ${name}`)
    if (left < -0.5 || right > phone + 0.5) faults.push(`beyond the edge: ${name}`)
  }
  return found
}

const root = document.documentElement, faults = []
for (const folded of document.querySelectorAll('details')) folded.open = true
if (root.clientWidth != phone) faults.push(`the page is given ${root.clientWidth} px`)
if (root.scrollWidth > root.clientWidth) faults.push(`wider than the screen: ${root.scrollWidth} px`)
return {
  faults, texts: measureTexts(faults), controls: measureControls(faults),
  font: parseFloat(getComputedStyle(root).fontSize), scripted: root.dataset.scripted == 'yes',
}
})()
