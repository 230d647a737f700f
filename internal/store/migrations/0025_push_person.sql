CREATE INDEX wechat_pushes_person ON wechat_pushes (person);
