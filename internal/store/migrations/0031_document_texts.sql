-- Which versions of which texts are in use: asked at each start.
CREATE INDEX case_documents_text ON case_documents (kind, text_version);
