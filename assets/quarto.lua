-- Quarto puts a figure's alternative text on the division around the picture, too, where it is no
-- valid attribute: an EPUB with it does not pass EPUBCheck. The picture keeps its own.
function Div(div)
  if div.attributes.alt then
    div.attributes.alt = nil
    return div
  end
end
